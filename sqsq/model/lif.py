"""The stochastic LIF neuron among the neurons: classical, with three angles; see ``sqsq.engines.lif``."""

from sqsq.model.ansatz import Angle, Ansatz
from sqsq.model.ansatz_registry import register_built_in
from sqsq.model.neuron import Neuron

register_built_in(
    Ansatz(
        "lif",
        "stochastic leaky integrate-and-fire: classical, no circuit",
        lambda io_qubits, memory_qubits: (
            Angle("leak", (), spread=0.5),
            Angle("threshold", (), spread=0.0),
            Angle("reset", (), spread=0.5),
        ),
        None,
        size=(1, 1),
        rectified=False,
    )
)

LIF = Neuron(ansatz="lif")
"""The neuron, for networks."""
