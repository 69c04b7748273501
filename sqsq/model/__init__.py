"""What a network is: neurons, ansatze, the directed graph, and its parameters."""

from typing import TYPE_CHECKING

import sqsq.model.builtin_ansatze  # noqa: F401  (registers the three ansatze)
from sqsq.model.ansatz import Angle, Ansatz
from sqsq.model.ansatz_definition import AnsatzDefinition
from sqsq.model.ansatz_registry import ansatz_names, find_ansatz, register_ansatz, register_definition
from sqsq.model.circuit_ansatz import ansatz_from_circuit
from sqsq.model.currents import (
    angles_of_currents,
    arriving_spikes,
    feeding_sources,
    input_currents,
    input_spikes,
    slopes_of_angles,
)
from sqsq.model.description import DescribedNetwork, read_network
from sqsq.model.layers import network_layers
from sqsq.model.levels import order_levels
from sqsq.model.lif import LIF
from sqsq.model.members import check_members
from sqsq.model.network import NEXT_STEP, NO_EDGE, SAME_STEP, Network, fully_connected, network_from_edges
from sqsq.model.neuron import Neuron
from sqsq.model.parameters import (
    Parameters,
    active_sources,
    angles_near_identity,
    check_parameters,
    initial_parameters,
    weight_mask,
)
from sqsq.model.shift_rule import shift_rule
from sqsq.model.storage import load_model, network_of_archive, read_model_archive, save_model, write_model

if TYPE_CHECKING:
    from sqsq.model.ansatz import AngleValue as AngleValue

__all__ = [
    "LIF",
    "NEXT_STEP",
    "NO_EDGE",
    "SAME_STEP",
    "Angle",
    "Ansatz",
    "AnsatzDefinition",
    "DescribedNetwork",
    "Network",
    "Neuron",
    "Parameters",
    "active_sources",
    "angles_near_identity",
    "angles_of_currents",
    "ansatz_from_circuit",
    "ansatz_names",
    "arriving_spikes",
    "check_members",
    "check_parameters",
    "feeding_sources",
    "find_ansatz",
    "fully_connected",
    "initial_parameters",
    "input_currents",
    "input_spikes",
    "load_model",
    "network_from_edges",
    "network_layers",
    "network_of_archive",
    "order_levels",
    "read_model_archive",
    "read_network",
    "register_ansatz",
    "register_definition",
    "save_model",
    "shift_rule",
    "slopes_of_angles",
    "weight_mask",
    "write_model",
]
