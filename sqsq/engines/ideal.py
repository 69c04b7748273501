"""Ideal gates, no device: the backends ``aer`` and ``exact``."""

from sqsq.circuits import IDEAL_BASIS, fold_circuit, neuron_circuit, transpile_ideal
from sqsq.engines.simulated import SimulatedCircuit
from sqsq.tables import Template


def ideal_circuit(template: Template) -> SimulatedCircuit:
    """A template in gates that simulators bind correctly, without errors."""
    circuit = transpile_ideal(neuron_circuit(template).circuit)
    return SimulatedCircuit(fold_circuit(circuit, template.noise, IDEAL_BASIS))
