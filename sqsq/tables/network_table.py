"""Evaluations of a whole network at once: its neurons send spikes to each other while they run."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import real_array, spike_array
from sqsq.errors import UsageError
from sqsq.model import Network, Parameters, check_members, check_parameters
from sqsq.tables.evaluation_table import Role, check_key, check_shots
from sqsq.tables.fused_plan import FusedAngles, FusedPlan, input_range, plan_fused


@dataclass(frozen=True, eq=False)
class NetworkTable:
    """Evaluations of some neurons of a network, all with the same number of shots.

    Attributes:
        network: The network, recurrent or not.
        parameters: Its weights and angles.
        members: The neurons that run, increasing, with all that feed them.
        inputs: Spikes of the input lines, uint8, shape (evaluations, T, inputs).
        within: The range of currents that inputs send, ``input_range``. A part of a table keeps that of
            the whole, so that all its parts run the same circuit.
        shots: Shots of each evaluation, at least 1.
        key: Which table it is; see ``EvaluationTable``.
        role: What it is for; no part of its identity.

    Raises:
        UsageError: If a shape, the number of shots or the key is wrong, a spike is neither 0 nor 1, a number
            is not finite, or a neuron that feeds a member is missing.
    """

    network: Network
    parameters: Parameters
    members: tuple[int, ...]
    inputs: NDArray[np.uint8]
    within: NDArray[np.float64]
    shots: int
    key: tuple[str | int, ...] = ()
    role: Role = "forward"

    def __post_init__(self) -> None:
        object.__setattr__(self, "shots", check_shots(self.shots))
        object.__setattr__(self, "key", check_key(self.key))
        object.__setattr__(self, "members", check_members(self.network, self.members))
        if not self.members or list(self.members) != sorted(self.members):
            raise UsageError(f"members {list(self.members)} of a table: at least one, in increasing order")
        check_parameters(self.network, self.parameters)
        object.__setattr__(self, "inputs", _check_inputs(self.network, self.inputs))
        shape = (len(self.members), self.network.channels, 2)
        object.__setattr__(self, "within", real_array(self.within, "within", shape))

    @property
    def evaluations(self) -> int:
        """The number of rows."""
        return len(self.inputs)

    @property
    def steps(self) -> int:
        """T."""
        return self.inputs.shape[1]

    @property
    def spikes_shape(self) -> tuple[int, ...]:
        """The shape (evaluations, shots, T, members, channels) of the result."""
        channels = max(self.network.neurons[i].io_qubits for i in self.members)
        return self.evaluations, self.shots, self.steps, len(self.members), channels

    @cached_property
    def angles(self) -> FusedAngles:
        """The rotations of one circuit for all rows.

        Raises:
            UsageError: If a fan-in is too large for a circuit.
        """
        return plan_fused(
            self.network, self.parameters, self.inputs, members=self.members, within=self.within
        )

    @property
    def template(self) -> FusedPlan:
        """What identifies that circuit."""
        return self.angles.plan

    def values(self) -> NDArray[np.float64]:
        """One row of circuit parameters an evaluation: phi, then theta."""
        return self.angles.values()

    def part(self, rows: slice, key: tuple[str | int, ...]) -> "NetworkTable":
        """Some rows as a table of their own."""
        return replace(self, inputs=self.inputs[rows], key=key)

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the content: equal for equal tables on every machine and in every run."""
        head = {
            "network": [self.network.neurons[i].content() for i in self.members],
            "members": self.members,
            "shape": self.inputs.shape,
            "shots": self.shots,
            "key": self.key,
        }
        content = hashlib.sha256(json.dumps(head, sort_keys=True).encode())
        chosen = list(self.members)
        for numbers in (
            self.network.delays[chosen],
            self.parameters.weights[chosen],
            self.parameters.theta[chosen],
            self.within,
        ):
            content.update(np.ascontiguousarray(numbers, dtype="<f8").tobytes())
        content.update(np.packbits(self.inputs).tobytes())
        return content.digest()


def network_table(
    network: Network,
    parameters: Parameters,
    members: Sequence[int],
    inputs: NDArray[np.uint8],
    shots: int,
    key: tuple[str | int, ...] = (),
) -> NetworkTable:
    """A table for some inputs, shape (evaluations, T, inputs); see ``NetworkTable``.

    Raises:
        UsageError: As ``NetworkTable``.
    """
    members = check_members(network, members)
    check_parameters(network, parameters)
    inputs = _check_inputs(network, inputs)
    within = input_range(network, parameters, inputs, members)
    return NetworkTable(network, parameters, members, inputs, within, shots, key)


def _check_inputs(network: Network, inputs: NDArray[np.uint8]) -> NDArray[np.uint8]:
    shape = ("evaluations", "T", network.inputs)
    return spike_array(inputs, "inputs of a table", shape, may_be_empty=("evaluations",))
