"""A whole network over T time steps as one dynamic circuit: spike bits feed forward into RX angles."""

from collections import defaultdict
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.circuit import Clbit, Parameter, ParameterVector, Qubit
from qiskit.circuit.classical import expr

from sqsq.circuits.fused_site import Site, abstract_site
from sqsq.errors import UsageError
from sqsq.tables import ChannelPlan, Condition, FusedAngles, FusedPlan

FloatArray = NDArray[np.float64]

_Rotations = dict[frozenset[tuple[Clbit, bool]], list[tuple[Qubit, Parameter]]]


@dataclass(frozen=True, eq=False)
class FusedCircuit:
    """One dynamic circuit for a network.

    Attributes:
        plan: Its shape.
        circuit: Registers ``io_i`` and ``memory_i`` for each neuron, and ``spikes_i``, whose bit t*N + n is
            the spike of io qubit n of neuron i at step t.
        phi: Parameters of the rotations, step by step, channel by channel.
        theta: Parameters of the neurons' angles, neuron by neuron.
    """

    plan: FusedPlan
    circuit: QuantumCircuit
    phi: tuple[Parameter, ...]
    theta: tuple[Parameter, ...]

    def values(self, angles: FusedAngles) -> FloatArray:
        """Parameter values, phi then theta, shape (rows, parameters).

        Raises:
            UsageError: If the angles are those of another plan.
        """
        if angles.plan != self.plan:
            raise UsageError("these angles need a circuit of another shape: compile it for their plan")
        return angles.values()

    def spikes(self, bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Put measured bits in order; see ``FusedPlan.spikes``."""
        return self.plan.spikes(bits)


def fuse(plan: FusedPlan, site: Site | None = None) -> FusedCircuit:
    """Compile a network into one dynamic circuit.

    In every step neurons run in an order in which same-step edges lead forward. Rotations of neurons
    that run at the same time and wait for the same bits share one conditional.

    Args:
        plan: Which neurons and which rotations there are, ``plan_fused``.
        site: Where and with which gates; abstract gates on qubits of their own if None.
    """
    site = site or abstract_site(plan.members, plan.neurons)
    registers = (ClassicalRegister(size, name) for name, size in plan.registers)
    spikes = dict(zip(plan.members, registers, strict=True))
    circuit = QuantumCircuit(*site.registers, *spikes.values(), name="network")
    phi = ParameterVector("phi", plan.steps * plan.rotations)
    theta = ParameterVector("theta", sum(len(neuron.angles) for neuron in plan.neurons))
    first_angle = np.cumsum([0, *(len(neuron.angles) for neuron in plan.neurons)])
    first_phi = np.cumsum([0, *(len(channel.conditions) for channel in plan.channels)])
    by_neuron = defaultdict(list)
    for k, channel in enumerate(plan.channels):
        by_neuron[channel.neuron].append((channel, int(first_phi[k])))
    for step in range(plan.steps):
        for level in plan.levels:
            rotations: _Rotations = defaultdict(list)
            for k in level:
                for channel, first in by_neuron[plan.members[k]]:
                    for place, condition in enumerate(channel.conditions):
                        bits = _bits(plan, channel, condition, spikes, step)
                        if bits is not None:
                            angle = phi[step * plan.rotations + first + place]
                            rotations[bits].append((site.io[k][channel.channel], angle))
            _rotate(circuit, rotations, site)
            for k in level:
                site.entangle(circuit, k, theta[int(first_angle[k]) : int(first_angle[k + 1])])
            circuit.barrier(*(qubit for k in level for qubit in (*site.io[k], *site.memory[k])))
            for k in level:
                for n, qubit in enumerate(site.io[k]):
                    bit = spikes[plan.members[k]][step * len(site.io[k]) + n]
                    circuit.append(site.measure, [qubit], [bit])
                    circuit.reset(qubit)
            circuit.barrier(*(qubit for k in level for qubit in (*site.io[k], *site.memory[k])))
    return FusedCircuit(plan, circuit, tuple(phi), tuple(theta))


def _bits(
    plan: FusedPlan,
    channel: ChannelPlan,
    condition: Condition,
    spikes: dict[int, ClassicalRegister],
    step: int,
) -> frozenset[tuple[Clbit, bool]] | None:
    """The measured bits of a condition and what they must be; None where it cannot hold.

    Before the first step nothing has spiked.
    """
    found = set()
    for wanted, places in ((True, condition.ones), (False, condition.zeros)):
        for place in places:
            source, emitted, delay = channel.feeds[place]
            then = step - delay
            if then < 0:
                if wanted:
                    return None
                continue
            width = spikes[source].size // plan.steps
            found.add((spikes[source][then * width + emitted], wanted))
    return frozenset(found)


def _rotate(circuit: QuantumCircuit, rotations: _Rotations, site: Site) -> None:
    for bits, turned in rotations.items():
        if not bits:
            for qubit, angle in turned:
                site.turn(circuit, qubit, angle)
            continue
        with circuit.if_test(_condition(circuit, bits)):
            for qubit, angle in turned:
                site.turn(circuit, qubit, angle)


def _condition(circuit: QuantumCircuit, bits: frozenset[tuple[Clbit, bool]]) -> tuple[Clbit, int] | expr.Expr:
    ordered = sorted(bits, key=lambda each: circuit.find_bit(each[0]).index)
    if len(ordered) == 1:
        bit, wanted = ordered[0]
        return bit, int(wanted)
    terms = [expr.lift(bit) if wanted else expr.logic_not(bit) for bit, wanted in ordered]
    return reduce(expr.logic_and, terms)
