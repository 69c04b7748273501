"""The circuit compiler: from the model to dynamic circuits, and from bits back to spikes."""

from sqsq.circuits.affine_angles import AffineCircuit, affine_circuit
from sqsq.circuits.canonical import canonical_text
from sqsq.circuits.compiler import NeuronCircuit, neuron_circuit, neuron_circuit_for_currents
from sqsq.circuits.cut import cut_circuit, cut_target, used_qubits
from sqsq.circuits.decode import spikes_from_hex
from sqsq.circuits.device_circuit import device_circuit
from sqsq.circuits.folding import fold_circuit
from sqsq.circuits.formats import FORMATS, write_circuit
from sqsq.circuits.groups import find_best_group, find_groups
from sqsq.circuits.measures import CircuitMeasures, measure_circuit
from sqsq.circuits.noise_scale import NoiseScale
from sqsq.circuits.packing import PackedBits, PackedCircuit, pack_neurons
from sqsq.circuits.schedule import duration, with_delays
from sqsq.circuits.template import Template
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
    "AffineCircuit",
    "CircuitMeasures",
    "NeuronCircuit",
    "NoiseScale",
    "PackedBits",
    "PackedCircuit",
    "Template",
    "affine_circuit",
    "best_layout",
    "canonical_text",
    "cut_circuit",
    "cut_target",
    "device_circuit",
    "duration",
    "find_best_group",
    "find_groups",
    "fold_circuit",
    "measure_circuit",
    "merge_virtual_turns",
    "neuron_circuit",
    "neuron_circuit_for_currents",
    "pack_neurons",
    "physical_qubits",
    "spikes_from_hex",
    "transpile_for_device",
    "transpile_ideal",
    "used_qubits",
    "with_delays",
    "write_circuit",
]
