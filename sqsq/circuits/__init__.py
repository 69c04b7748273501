"""The circuit compiler: from the model to dynamic circuits, and from bits back to spikes."""

from sqsq.circuits.affine_angles import AffineCircuit, affine_circuit
from sqsq.circuits.binding import bind_parameters
from sqsq.circuits.canonical import canonical_text
from sqsq.circuits.compiler import NeuronCircuit, neuron_circuit, neuron_circuit_for_currents
from sqsq.circuits.cut import cut_circuit, cut_target, used_qubits
from sqsq.circuits.decode import spikes_from_hex
from sqsq.circuits.device_circuit import device_circuit
from sqsq.circuits.emission import check_drawing_size, check_network_size, check_plan_size
from sqsq.circuits.folding import fold_circuit
from sqsq.circuits.formats import FORMATS, write_circuit
from sqsq.circuits.fused import FusedCircuit, fuse
from sqsq.circuits.fused_device import FusedDeviceCircuit, fuse_for_device
from sqsq.circuits.fused_site import device_site, place_neurons
from sqsq.circuits.groups import find_best_group, find_groups
from sqsq.circuits.limits import (
    MAX_EXECUTIONS,
    MAX_INSTRUCTIONS,
    check_limits,
    circuit_limits,
    control_instructions,
)
from sqsq.circuits.measurement import mid_circuit_measurement
from sqsq.circuits.measures import CircuitMeasures, measure_circuit
from sqsq.circuits.packing import PackedBits, PackedCircuit, pack_neurons
from sqsq.circuits.schedule import duration, with_delays, with_waiting
from sqsq.circuits.transpile import (
    IDEAL_BASIS,
    best_layout,
    physical_qubits,
    transpile_for_device,
    transpile_ideal,
)
from sqsq.circuits.virtual_turns import merge_virtual_turns

__all__ = [
    "FORMATS",
    "IDEAL_BASIS",
    "MAX_EXECUTIONS",
    "MAX_INSTRUCTIONS",
    "AffineCircuit",
    "CircuitMeasures",
    "FusedCircuit",
    "FusedDeviceCircuit",
    "NeuronCircuit",
    "PackedBits",
    "PackedCircuit",
    "affine_circuit",
    "best_layout",
    "bind_parameters",
    "canonical_text",
    "check_drawing_size",
    "check_limits",
    "check_network_size",
    "check_plan_size",
    "circuit_limits",
    "control_instructions",
    "cut_circuit",
    "cut_target",
    "device_circuit",
    "device_site",
    "duration",
    "find_best_group",
    "find_groups",
    "fold_circuit",
    "fuse",
    "fuse_for_device",
    "measure_circuit",
    "merge_virtual_turns",
    "mid_circuit_measurement",
    "neuron_circuit",
    "neuron_circuit_for_currents",
    "pack_neurons",
    "physical_qubits",
    "place_neurons",
    "spikes_from_hex",
    "transpile_for_device",
    "transpile_ideal",
    "used_qubits",
    "with_delays",
    "with_waiting",
    "write_circuit",
]
