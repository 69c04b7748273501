"""Ideal gates, no device: the backends ``aer`` and ``exact``."""

from sqsq.circuits import Template, neuron_circuit, transpile_ideal
from sqsq.engines.simulated import SimulatedCircuit


def ideal_circuit(template: Template) -> SimulatedCircuit:
    """A template in gates that simulators bind correctly, without errors."""
    return SimulatedCircuit(transpile_ideal(neuron_circuit(template).circuit))
