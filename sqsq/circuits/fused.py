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
from sqsq.circuits.lowering import Condition, LoweredAngle, Lowering, lower_angle
from sqsq.errors import UsageError
from sqsq.model import Network, Parameters, input_currents
from sqsq.model.currents import input_spikes
from sqsq.model.levels import order_levels
from sqsq.model.network import NO_EDGE, SAME_STEP

FloatArray = NDArray[np.float64]

_Rotations = dict[frozenset[tuple[Clbit, bool]], list[tuple[Qubit, Parameter]]]

Feed = tuple[int, int, int]
"""A fed-forward bit: neuron, channel, delay."""


@dataclass(frozen=True)
class ChannelPlan:
    """When the io qubit of one channel of one neuron is turned.

    Attributes:
        neuron: The neuron.
        channel: Its io qubit.
        feeds: The bits that reach it, in the order in which conditions number them.
        form: The lowering.
        conditions: The conditions of its rotations.
    """

    neuron: int
    channel: int
    feeds: tuple[Feed, ...]
    form: Lowering
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class FusedPlan:
    """All that decides the shape of a fused circuit, beside the network: equal plans, equal circuits.

    Attributes:
        steps: T.
        channels: Every channel of every neuron, neuron by neuron.
    """

    steps: int
    channels: tuple[ChannelPlan, ...]

    @property
    def conditionals(self) -> int:
        """Conditional rotations of one time step."""
        return sum(condition.bits > 0 for each in self.channels for condition in each.conditions)


@dataclass(frozen=True, eq=False)
class FusedAngles:
    """Values for a plan.

    Attributes:
        plan: The plan.
        phi: The rotations' angles, shape (rows, T, conditions of all channels), channel by channel.
        theta: The neurons' angles, one row a neuron, as in ``Parameters.theta``.
        error: The largest error that pruning can cause in any current angle, radians.
    """

    plan: FusedPlan
    phi: FloatArray
    theta: FloatArray
    error: float


@dataclass(frozen=True, eq=False)
class FusedCircuit:
    """One dynamic circuit for a network.

    Attributes:
        network: The network.
        plan: Its shape.
        circuit: Registers ``io_i`` and ``memory_i`` for each neuron, and ``spikes_i``, whose bit t*N + n is
            the spike of io qubit n of neuron i at step t.
        phi: Parameters of the rotations, step by step, channel by channel.
        theta: Parameters of the neurons' angles, neuron by neuron.
    """

    network: Network
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
        rows = len(angles.phi)
        own = [angles.theta[i, : len(neuron.angles)] for i, neuron in enumerate(self.network.neurons)]
        theta = np.concatenate(own)
        return np.concatenate([angles.phi.reshape(rows, -1), np.tile(theta, (rows, 1))], axis=1)


def plan_fused(
    network: Network,
    parameters: Parameters,
    inputs: NDArray[np.uint8],
    *,
    form: Lowering | None = None,
    prune: float = 0.0,
) -> FusedAngles:
    """Lower all current angles of a network for some inputs.

    Args:
        network: The network, recurrent or not.
        parameters: Its weights and angles.
        inputs: Spikes of the input lines, shape (rows, T, inputs).
        form: Which lowering; for each neuron the cheaper if None.
        prune: See ``lower_angle``.

    Raises:
        UsageError: If a fan-in is too large for a lowering.
    """
    steps = inputs.shape[1]
    spikes = input_spikes(network, inputs)  # of neurons none: what they send is fed forward
    channels, phi, error = [], [], 0.0
    for i, neuron in enumerate(network.neurons):
        external = input_currents(network, (i,), parameters.weights, spikes)[..., 0, :, :]
        for n in range(neuron.io_qubits):
            feeds = tuple(_feeds(network, i, n))
            weights = np.array(
                [parameters.weights[i, network.inputs + source, n] for source, _, _ in feeds], float
            )
            lowered = _lower(i, weights, external[..., n], form, prune)
            channels.append(ChannelPlan(i, n, feeds, lowered.form, lowered.conditions))
            phi.append(lowered.angles)
            error = max(error, lowered.error)
    plan = FusedPlan(steps, tuple(channels))
    return FusedAngles(plan, np.concatenate(phi, axis=-1), parameters.theta, error)


def fuse(network: Network, plan: FusedPlan, site: Site | None = None) -> FusedCircuit:
    """Compile a network into one dynamic circuit.

    In every step neurons run in an order in which same-step edges lead forward. Rotations of neurons
    that run at the same time and wait for the same bits share one conditional.

    Args:
        network: The network.
        plan: Which rotations there are, ``plan_fused``.
        site: Where and with which gates; abstract gates on qubits of their own if None.
    """
    site = site or abstract_site(network)
    spikes = [
        ClassicalRegister(plan.steps * neuron.io_qubits, f"spikes_{i}")
        for i, neuron in enumerate(network.neurons)
    ]
    circuit = QuantumCircuit(*site.registers, *spikes, name="network")
    count = sum(len(channel.conditions) for channel in plan.channels)
    phi = ParameterVector("phi", plan.steps * count)
    theta = ParameterVector("theta", sum(len(neuron.angles) for neuron in network.neurons))
    first_angle = np.cumsum([0, *(len(neuron.angles) for neuron in network.neurons)])
    first_phi = np.cumsum([0, *(len(channel.conditions) for channel in plan.channels)])
    by_neuron = defaultdict(list)
    for k, channel in enumerate(plan.channels):
        by_neuron[channel.neuron].append((channel, int(first_phi[k])))
    for step in range(plan.steps):
        for level in same_step_levels(network):
            rotations: _Rotations = defaultdict(list)
            for i in level:
                for channel, first in by_neuron[i]:
                    for k, condition in enumerate(channel.conditions):
                        bits = _bits(network, channel, condition, spikes, step)
                        if bits is not None:
                            angle = phi[step * count + first + k]
                            rotations[bits].append((site.io[i][channel.channel], angle))
            _rotate(circuit, rotations, site)
            for i in level:
                site.entangle(circuit, i, theta[int(first_angle[i]) : int(first_angle[i + 1])])
            circuit.barrier(*(qubit for i in level for qubit in (*site.io[i], *site.memory[i])))
            for i in level:
                width = network.neurons[i].io_qubits
                for n, qubit in enumerate(site.io[i]):
                    circuit.append(site.measure, [qubit], [spikes[i][step * width + n]])
                    circuit.reset(qubit)
            circuit.barrier(*(qubit for i in level for qubit in (*site.io[i], *site.memory[i])))
    return FusedCircuit(network, plan, circuit, tuple(phi), tuple(theta))


def same_step_levels(network: Network) -> tuple[tuple[int, ...], ...]:
    """Neurons that can run at the same time, in the order in which same-step edges lead."""
    levels, _ = order_levels(network.between_neurons == SAME_STEP)  # a network has no cycle of these
    return levels


def _feeds(network: Network, target: int, channel: int) -> list[Feed]:
    """The bits that reach a channel: a neuron with one io qubit feeds all channels of its targets."""
    feeds = []
    for source, neuron in enumerate(network.neurons):
        delay = int(network.between_neurons[target, source])
        if delay != NO_EDGE:
            feeds.append((source, 0 if neuron.io_qubits == 1 else channel, delay))
    return feeds


def _lower(
    neuron: int, weights: FloatArray, external: FloatArray, form: Lowering | None, prune: float
) -> LoweredAngle:
    try:
        return lower_angle(weights, external, form=form, prune=prune)
    except UsageError as error:
        raise UsageError(f"neuron {neuron}: {error}") from None


def _bits(
    network: Network,
    channel: ChannelPlan,
    condition: Condition,
    spikes: list[ClassicalRegister],
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
            found.add((spikes[source][then * network.neurons[source].io_qubits + emitted], wanted))
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
