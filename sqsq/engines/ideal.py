"""The backend ``aer``: ideal gates, no device."""

from sqsq.circuits import Template, neuron_circuit, transpile_ideal
from sqsq.engines.aer import AerEngine, SimulatedCircuit


def ideal_engine(seed: int) -> AerEngine:
    """Make the engine ``aer``."""
    return AerEngine("aer", _prepare, seed)


def _prepare(template: Template) -> SimulatedCircuit:
    return SimulatedCircuit(transpile_ideal(neuron_circuit(template).circuit))
