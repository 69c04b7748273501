"""A whole network as one circuit: which rotations there are, and their angles for some inputs."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from sqsq.errors import UsageError
from sqsq.model import (
    NO_EDGE,
    SAME_STEP,
    Network,
    Neuron,
    Parameters,
    input_currents,
    input_spikes,
    order_levels,
)
from sqsq.tables.lowering import Condition, Lowering, lower_angle

FloatArray = NDArray[np.float64]

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


def _feeds(network: Network, target: int, channel: int) -> list[Feed]:
    """The bits that reach a channel: a neuron with one io qubit feeds all channels of its targets."""
    feeds = []
    for source, neuron in enumerate(network.neurons):
        delay = int(network.between_neurons[target, source])
        if delay != NO_EDGE:
            feeds.append((source, 0 if neuron.io_qubits == 1 else channel, delay))
    return feeds
