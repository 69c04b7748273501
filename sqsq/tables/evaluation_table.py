"""What must be measured: the tables that learning rules ask engines to run."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import dimensions, real_array, shown, whole_number
from sqsq.errors import UsageError
from sqsq.tables.template import Template

Spikes = NDArray[np.uint8]
"""What comes back: uint8, shape (evaluations, shots, T, N), aligned with the rows of the table; for a
``NetworkTable`` (evaluations, shots, T, members, channels)."""

Role = Literal["forward", "estimate"]
"""What spikes are for: to be sent to other neurons or decoded as they are, or to estimate probabilities."""

_FINGERPRINT = 2**14
"""Angles that a fingerprint reads, unless one row has more."""


@dataclass(frozen=True, eq=False)
class EvaluationTable:
    """Evaluations of one template, all with the same number of shots.

    Attributes:
        template: The parametric circuit.
        phi: Current angles, radians, float64, shape (evaluations, T, N); several leading axes, such as
            (batch, M, neurons), are kept in ``leading`` and flattened here.
        theta: Circuit angles, radians, float64, shape (evaluations, T, K); one value a step, so that
            one occurrence can be shifted. A broadcast view will do.
        shots: Shots of each evaluation, at least 1.
        key: Which table it is, such as ``("iteration", 3, "gradient")``: equal content under another key is
            drawn afresh.
        role: What it is for; no part of its identity.
        leading: The shape of the evaluations.

    Raises:
        UsageError: If a shape, the number of shots or the key is wrong, or an angle is not finite.
    """

    template: Template
    phi: NDArray[np.float64]
    theta: NDArray[np.float64]
    shots: int
    key: tuple[str | int, ...] = ()
    role: Role = "estimate"
    leading: tuple[int, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "shots", check_shots(self.shots))
        object.__setattr__(self, "key", check_key(self.key))
        of_phi, of_theta = self.template.phi_shape, self.template.theta_shape
        phi, theta = self.phi, self.theta
        leading = np.shape(phi)[:-2] if dimensions(phi) > len(of_phi) + 1 else ()
        if leading and np.shape(theta)[:-2] == leading:
            phi, theta = (np.reshape(each, (prod(leading), *np.shape(each)[-2:])) for each in (phi, theta))
        phi = real_array(phi, "phi of a table", ("evaluations", *of_phi), may_be_empty=("evaluations",))
        object.__setattr__(self, "phi", phi)
        object.__setattr__(self, "theta", real_array(theta, "theta of a table", (len(phi), *of_theta)))
        object.__setattr__(self, "leading", leading or (len(phi),))

    @property
    def evaluations(self) -> int:
        """The number of rows."""
        return len(self.phi)

    @property
    def spikes_shape(self) -> tuple[int, int, int, int]:
        """The shape (evaluations, shots, T, N) of the result."""
        return self.evaluations, self.shots, *self.template.phi_shape

    def unfold(self, found: NDArray[Any]) -> NDArray[Any]:
        """What was found for each row, with the leading axes of the evaluations in place of the first."""
        return found.reshape(*self.leading, *found.shape[1:])

    def values(self) -> NDArray[np.float64]:
        """One row of circuit parameters an evaluation: phi, then theta, each step by step."""
        rows = self.evaluations
        return np.concatenate([self.phi.reshape(rows, -1), self.theta.reshape(rows, -1)], axis=1)

    def part(self, rows: slice, key: tuple[str | int, ...]) -> "EvaluationTable":
        """Some rows as a table of their own."""
        return replace(self, phi=self.phi[rows], theta=self.theta[rows], key=key)

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the content: equal for equal tables on every machine and in every run."""
        return self._hash(slice(None))

    @cached_property
    def fingerprint(self) -> bytes:
        """SHA-256 of what the table is for and of at most 256 of its rows, evenly spaced, fewer long ones.

        Equal for equal tables, and quick: hashing every angle would take longer than drawing spikes.
        """
        angles = max(self.phi[:1].size + self.theta[:1].size, 1)
        rows = max(min(256, _FINGERPRINT // angles), 1)
        return self._hash(slice(None, None, max(-(-self.evaluations // rows), 1)))

    def _hash(self, rows: slice) -> bytes:
        head = {**self.template.content(), "rows": self.evaluations, "shots": self.shots, "key": self.key}
        content = hashlib.sha256(json.dumps(head, sort_keys=True).encode())
        for angles in (self.phi[rows], self.theta[rows]):
            content.update(np.ascontiguousarray(angles, dtype="<f8").tobytes())
        return content.digest()


def check_shots(shots: int) -> int:
    """The shots of an evaluation as a Python number.

    Raises:
        UsageError: If it is no whole number of at least 1.
    """
    shots = whole_number(shots, "the number of shots")
    if shots < 1:
        raise UsageError(f"{shots} shots an evaluation: at least 1")
    return shots


def check_key(key: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """A key whose numbers are Python's, so that equal keys have equal digests.

    Raises:
        UsageError: If it holds anything but names and whole numbers.
    """
    if not isinstance(key, tuple | list):
        raise UsageError(f"the key of a table is {shown(key)}: must be a tuple of names and whole numbers")
    return tuple(str(part) if isinstance(part, str) else whole_number(part, "part of a key") for part in key)
