"""A whole network over T time steps as one dynamic circuit: spike bits feed forward into RX angles."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.circuit import Clbit, Parameter, ParameterVector, Qubit
from qiskit.circuit.classical import expr

from sqsq.circuits.fused_site import Site, abstract_site
from sqsq.circuits.lowering import Condition, Lowering, lower_angle
from sqsq.errors import UsageError
from sqsq.model import Network, Neuron, Parameters, input_currents
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
    """All that decides the shape of a fused circuit: equal plans, equal circuits.

    Attributes:
        members: The neurons that run, by their numbers in the network.
        neurons: What each of them is like.
        steps: T.
        channels: Every channel of every member, member by member.
    """

    members: tuple[int, ...]
    neurons: tuple[Neuron, ...]
    steps: int
    channels: tuple[ChannelPlan, ...]

    def content(self) -> dict[str, str]:
        """What it is, as JSON types: a digest."""
        content = {**asdict(self), "neurons": [neuron.content() for neuron in self.neurons]}
        text = json.dumps(content, sort_keys=True)
        return {"network": hashlib.sha256(text.encode()).hexdigest()}

    @property
    def conditionals(self) -> int:
        """Conditional rotations of one time step."""
        return sum(condition.bits > 0 for each in self.channels for condition in each.conditions)

    @property
    def rotations(self) -> int:
        """Rotations of one time step, conditional or not."""
        return sum(len(each.conditions) for each in self.channels)

    @property
    def levels(self) -> tuple[tuple[int, ...], ...]:
        """Positions of members that can run at the same time, in the order in which same-step edges lead."""
        place = {neuron: k for k, neuron in enumerate(self.members)}
        feeds = np.zeros((len(place), len(place)), bool)
        for channel in self.channels:
            for source, _, delay in channel.feeds:
                feeds[place[channel.neuron], place[source]] |= delay == SAME_STEP
        levels, _ = order_levels(feeds)  # a network has no cycle of these
        return levels

    @property
    def registers(self) -> tuple[tuple[str, int], ...]:
        """Names and sizes of the classical registers: bit t*N + n is the spike of io qubit n at step t."""
        both = zip(self.members, self.neurons, strict=True)
        return tuple((f"spikes_{i}", self.steps * neuron.io_qubits) for i, neuron in both)

    def spikes(self, bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Put measured bits in order.

        Args:
            bits: Shape (..., bits), the registers one after the other.

        Returns:
            Spikes, uint8, shape (..., T, members, channels); 0 in channels that a member lacks.
        """
        channels = max(neuron.io_qubits for neuron in self.neurons)
        spikes = np.zeros((*bits.shape[:-1], self.steps, len(self.members), channels), np.uint8)
        first = 0
        for k, neuron in enumerate(self.neurons):
            own = bits[..., first : first + self.steps * neuron.io_qubits]
            own = own.reshape(*bits.shape[:-1], self.steps, neuron.io_qubits)
            spikes[..., k, : neuron.io_qubits] = own
            first += self.steps * neuron.io_qubits
        return spikes


@dataclass(frozen=True, eq=False)
class FusedAngles:
    """Values for a plan.

    Attributes:
        plan: The plan.
        phi: The rotations' angles, shape (rows, T, rotations), channel by channel.
        theta: The members' angles, one row a member, as in ``Parameters.theta``.
        error: The largest error that pruning can cause in any current angle, radians.
    """

    plan: FusedPlan
    phi: FloatArray
    theta: FloatArray
    error: float

    def values(self) -> FloatArray:
        """Parameter values, phi then theta, shape (rows, parameters)."""
        rows = len(self.phi)
        own = [self.theta[k, : len(neuron.angles)] for k, neuron in enumerate(self.plan.neurons)]
        theta = np.tile(np.concatenate(own), (rows, 1))
        return np.concatenate([self.phi.reshape(rows, -1), theta], axis=1)


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


def plan_fused(
    network: Network,
    parameters: Parameters,
    inputs: NDArray[np.uint8],
    *,
    members: Sequence[int] | None = None,
    form: Lowering | None = None,
    prune: float = 0.0,
    within: FloatArray | None = None,
) -> FusedAngles:
    """Lower all current angles of a network for some inputs.

    Which rotations there are changes only where the range of the input currents makes a sum of weights
    change its sign.

    Args:
        network: The network, recurrent or not.
        parameters: Its weights and angles.
        inputs: Spikes of the input lines, shape (rows, T, inputs).
        members: The neurons that run, with all that feed them; all neurons if None.
        form: Which lowering; for each neuron the cheaper if None.
        prune: See ``lower_angle``.
        within: The range of input currents that the circuit must serve, ``input_range``; that of the
            inputs if None.

    Raises:
        UsageError: If a fan-in is too large for a lowering.
    """
    chosen = tuple(range(len(network.neurons))) if members is None else tuple(members)
    if within is None:
        within = input_range(network, parameters, inputs, chosen)
    spikes = input_spikes(network, inputs)  # of neurons none: what they send is fed forward
    channels, phi, error = [], [], 0.0
    for k, i in enumerate(chosen):
        external = input_currents(network, (i,), parameters.weights, spikes)[..., 0, :, :]
        for n in range(network.neurons[i].io_qubits):
            feeds = tuple(_feeds(network, i, n))
            weights = np.array(
                [parameters.weights[i, network.inputs + source, n] for source, _, _ in feeds], float
            )
            low, high = within[k, n].tolist()
            try:
                lowered = lower_angle(
                    weights,
                    external[..., n],
                    form=form,
                    prune=prune,
                    within=(low, high),
                    rectified=network.neurons[i].definition.rectified,
                )
            except UsageError as problem:
                raise UsageError(f"neuron {i}: {problem}") from None
            channels.append(ChannelPlan(i, n, feeds, lowered.form, lowered.conditions))
            phi.append(lowered.angles)
            error = max(error, lowered.error)
    neurons = tuple(network.neurons[i] for i in chosen)
    plan = FusedPlan(chosen, neurons, inputs.shape[1], tuple(channels))
    return FusedAngles(plan, np.concatenate(phi, axis=-1), parameters.theta[list(chosen)], error)


def input_range(
    network: Network, parameters: Parameters, inputs: NDArray[np.uint8], members: Sequence[int]
) -> FloatArray:
    """The lowest and the highest current that inputs send into each channel, shape (members, channels, 2)."""
    spikes = input_spikes(network, inputs)
    found = np.zeros((len(members), network.channels, 2))
    for k, i in enumerate(members):
        currents = input_currents(network, (i,), parameters.weights, spikes)[..., 0, :, :]
        if currents.size:
            flat = currents.reshape(-1, currents.shape[-1])
            found[k, : flat.shape[1]] = np.stack([flat.min(axis=0), flat.max(axis=0)], axis=-1)
    return found


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


def _feeds(network: Network, target: int, channel: int) -> list[Feed]:
    """The bits that reach a channel: a neuron with one io qubit feeds all channels of its targets."""
    feeds = []
    for source, neuron in enumerate(network.neurons):
        delay = int(network.between_neurons[target, source])
        if delay != NO_EDGE:
            feeds.append((source, 0 if neuron.io_qubits == 1 else channel, delay))
    return feeds


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
