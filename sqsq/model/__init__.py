"""What a network is: neurons, ansatze, the directed graph, and its parameters."""

import sqsq.model.builtin_ansatze  # noqa: F401  (registers the three ansatze)
from sqsq.model.ansatz import Angle, Ansatz
from sqsq.model.ansatz_definition import AnsatzDefinition
from sqsq.model.ansatz_registry import ansatz_names, find_ansatz, register_ansatz, register_definition
from sqsq.model.circuit_ansatz import ansatz_from_circuit
from sqsq.model.currents import angles_of_currents, input_currents
from sqsq.model.description import DescribedNetwork, read_network
from sqsq.model.layers import network_layers
from sqsq.model.network import Network, fully_connected, network_from_edges
from sqsq.model.neuron import Neuron
from sqsq.model.parameters import Parameters, initial_parameters
from sqsq.model.shift_rule import shift_rule
from sqsq.model.storage import load_model, save_model

__all__ = [
    "Angle",
    "Ansatz",
    "AnsatzDefinition",
    "DescribedNetwork",
    "Network",
    "Neuron",
    "Parameters",
    "angles_of_currents",
    "ansatz_from_circuit",
    "ansatz_names",
    "find_ansatz",
    "fully_connected",
    "initial_parameters",
    "input_currents",
    "load_model",
    "network_from_edges",
    "network_layers",
    "read_network",
    "register_ansatz",
    "register_definition",
    "save_model",
    "shift_rule",
]
