"""How spikes are misread: assignment matrices of the io qubits, measured or reported."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import choice, real_array, shown, whole_array, whole_number, whole_numbers
from sqsq.errors import BackendError, UsageError
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, GroupsRequest, Plan, RowGroups, Template

Source = Literal["calibration", "properties"]
FloatArray = NDArray[np.float64]
_LEAST_DETERMINANT = 0.1
"""Below this a correction multiplies the variance by more than a hundred."""
_ROUNDING = 1e-9
"""By how much rounding may carry a probability beyond 0 or 1."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """The assignment matrices of the io qubits of every group that runs a kind of neuron.

    Attributes:
        neuron: The kind of neuron.
        matrices: P(recorded | true), shape (groups, N, 2, 2): rows true, columns recorded.
        readings: How often each true state was read on each qubit, shape (groups, N, 2); 0 where the
            numbers are reported, not measured.
        backend: On which backend.
        qubits: The physical qubits of each group, io then memory; empty for an ideal simulator.
        taken_at: When it was measured or reported, with a time zone.
        source: ``calibration`` or ``properties``.

    Raises:
        UsageError: If a shape is wrong or a row is no distribution.
        BackendError: If a matrix is singular or nearly so.
    """

    neuron: Neuron
    matrices: FloatArray
    readings: NDArray[np.int64]
    backend: str
    qubits: tuple[tuple[int, ...], ...]
    taken_at: datetime
    source: Source

    def __post_init__(self) -> None:
        io_qubits = self.neuron.io_qubits
        matrices = real_array(
            self.matrices, "assignment matrices", ("groups", io_qubits, 2, 2), low=-_ROUNDING
        )
        readings = whole_array(self.readings, "readings", ("groups", io_qubits, 2), low=0, dtype=np.int64)
        object.__setattr__(self, "matrices", matrices)
        object.__setattr__(self, "readings", readings)
        groups = tuple(whole_numbers(group, "qubits of a group") for group in self.qubits)
        object.__setattr__(self, "qubits", groups)
        if len(matrices) != len(readings):
            raise UsageError(
                f"a calibration has matrices of shape {matrices.shape} and readings of shape "
                f"{readings.shape}: must be (groups, {io_qubits}, 2, 2) and (groups, {io_qubits}, 2)"
            )
        if self.qubits and len(self.qubits) != len(self.matrices):
            raise UsageError(f"a calibration of {len(self.matrices)} groups names {len(self.qubits)}")
        choice(self.source, "source", get_args(Source))
        if not isinstance(self.taken_at, datetime):
            raise UsageError(f"a calibration of {shown(self.taken_at)}: must be a date and time")
        if self.taken_at.tzinfo is None:
            raise UsageError(f"a calibration of {self.taken_at.isoformat()}: must have a time zone")
        if not np.allclose(self.matrices.sum(axis=-1), 1):
            raise UsageError("a calibration holds a row that is no probability distribution")
        object.__setattr__(self, "matrices", self.matrices.clip(0.0, 1.0))
        for (group, n), determinant in np.ndenumerate(np.linalg.det(self.matrices)):
            if determinant < _LEAST_DETERMINANT:
                where = f"qubit {self.qubits[group][n]}" if self.qubits else f"io qubit {n} of group {group}"
                raise BackendError(
                    f"the readout of {where} on {self.backend} hardly depends on its state: its assignment "
                    f"matrix has determinant {determinant:.3f}, too near 0 to be inverted (at least "
                    f"{_LEAST_DETERMINANT}); choose other qubits (--layout) or --readout none"
                )

    @property
    def groups(self) -> int:
        """How many groups of qubits it knows."""
        return len(self.matrices)

    @property
    def standard_errors(self) -> FloatArray:
        """Of the matrices, from the number of readings, shape (groups, N, 2, 2); 0 for reported ones.

        From (k + 1/2) / (n + 1), so that an error that was never seen is not taken to be known exactly.
        """
        count = self.readings[..., None].astype(float)
        smoothed = (self.matrices * count + 0.5) / (count + 1)
        errors = np.sqrt(smoothed * (1 - smoothed) / np.maximum(count, 1))
        return np.asarray(errors * (count > 0), dtype=float)

    @property
    def inverses(self) -> FloatArray:
        """What a shot that recorded r counts for the true spike s, [..., r, s], (groups, N, 2, 2).

        p(recorded) = p(true) A with rows of A true, so p(true) = p(recorded) A^-1. Weights may be
        negative or above 1; those of one r add up to 1.
        """
        return np.asarray(np.linalg.inv(self.matrices), dtype=float)

    def check_is_of(
        self, backend: str, qubits: tuple[tuple[int, ...], ...], updated_at: datetime | None
    ) -> None:
        """Check that it belongs to what is about to run.

        Args:
            backend: The name of the backend.
            qubits: The groups of physical qubits that will run the neuron.
            updated_at: When the backend was calibrated last, if it says so.

        Raises:
            UsageError: If it is of another backend, of other qubits, or older than the backend's own
                last calibration.
        """
        if self.backend != backend:
            raise UsageError(
                f"the readout calibration is of {self.backend}, not of {backend}: calibrate again"
            )
        if self.qubits != qubits:
            mine, theirs = ([list(group) for group in groups[:3]] for groups in (self.qubits, qubits))
            raise UsageError(
                f"the readout calibration is of qubits {mine}{'...' if self.groups > 3 else ''}, not of "
                f"{theirs}{'...' if len(qubits) > 3 else ''}: calibrate again"
            )
        if updated_at is not None and self.taken_at < updated_at:
            raise UsageError(
                f"the readout calibration of {self.taken_at.isoformat()} is older than that of {backend} "
                f"itself, {updated_at.isoformat()}: calibrate again"
            )

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        return {
            "neuron": self.neuron.content(),
            "matrices": self.matrices.tolist(),
            "readings": self.readings.tolist(),
            "backend": self.backend,
            "qubits": [list(group) for group in self.qubits],
            "taken_at": self.taken_at.isoformat(),
            "source": self.source,
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Calibration":
        """From what ``to_json`` wrote.

        Raises:
            UsageError: If it is something else.
        """
        try:
            return cls(
                Neuron.from_content(content["neuron"]),
                content["matrices"],
                content["readings"],
                str(content["backend"]),
                tuple(tuple(int(qubit) for qubit in group) for group in content["qubits"]),
                datetime.fromisoformat(content["taken_at"]),
                content["source"],
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise UsageError(f"this is no readout calibration: {error!r}") from error


def calibration_of(calibrations: Iterable[Calibration], neuron: Neuron) -> Calibration:
    """The calibration of a kind of neuron.

    Raises:
        UsageError: If there is none.
    """
    for calibration in calibrations:
        if calibration.neuron == neuron:
            return calibration
    raise UsageError(
        f"readout correction needs a calibration of neurons with {neuron.io_qubits} io and "
        f"{neuron.memory_qubits} memory qubits, {neuron.ansatz}: there is none"
    )


def calibrate(
    neuron: Neuron,
    steps: int,
    readings: int,
    *,
    backend: str,
    qubits: tuple[tuple[int, ...], ...] = (),
    taken_at: datetime,
    key: tuple[str | int, ...] = (),
) -> Plan[Calibration]:
    """Measure the assignment matrices of every group that can run a neuron.

    All io qubits are prepared in 0, and all in 1, and read T times, each after a reset; what goes wrong
    in preparing them counts as misread.

    Args:
        neuron: The kind of neuron.
        steps: T: one shot reads T times.
        readings: How often each state of each qubit is to be read; rounded up to whole shots, and where
            tables are cut unevenly among groups some get a few less.
        backend: The name of the backend.
        qubits: The groups of physical qubits, as many as the engine has.
        taken_at: When this is.
        key: What the table is for.

    Yields:
        One table.

    Returns:
        The calibration.

    Raises:
        UsageError: If ``readings`` is below 1.
        BackendError: If the groups cannot all be reached, or a matrix is singular.
    """
    readings = whole_number(readings, "readings")
    if readings < 1:
        raise UsageError(f"{readings} readings of each state: at least 1")
    table, groups, prepared = yield from _calibration_table(neuron, steps, readings, (*key, "calibration"))
    spikes = yield table
    recorded = spikes.sum(axis=(1, 2), dtype=np.int64)
    ones = np.zeros((groups.count, neuron.io_qubits, 2), np.int64)
    total = np.zeros_like(ones)
    for group, state in np.ndindex(groups.count, 2):
        own = (groups.of_row == group) & (prepared == state)
        ones[group, :, state] = recorded[own].sum(axis=0)
        total[group, :, state] = own.sum() * table.shots * steps
    share = ones / total
    matrices = np.stack([1 - share, share], axis=-1)
    return Calibration(neuron, matrices, total, backend, qubits, taken_at, "calibration")


def estimate_calibration(
    neuron: Neuron,
    steps: int,
    readings: int,
    *,
    backend: str,
    taken_at: datetime,
    key: tuple[str | int, ...] = (),
) -> Plan[Calibration]:
    """Ask for what ``calibrate`` asks for, to count what it costs, and take nothing to be misread.

    What only counts returns no spikes to calibrate by; the result has as many groups as a real one.

    Args:
        neuron: The kind of neuron.
        steps: T.
        readings: How often each state of each qubit is to be read.
        backend: The name of the backend.
        taken_at: When this is.
        key: What the table is for.
    """
    table, groups, _ = yield from _calibration_table(neuron, steps, readings, (*key, "calibration"))
    yield table
    shape = (groups.count, neuron.io_qubits)
    return Calibration(
        neuron,
        np.broadcast_to(np.eye(2), (*shape, 2, 2)),
        np.full((*shape, 2), readings),
        backend,
        (),
        taken_at,
        "calibration",
    )


def _calibration_table(
    neuron: Neuron, steps: int, readings: int, key: tuple[str | int, ...]
) -> Plan[tuple[EvaluationTable, RowGroups, NDArray[np.intp]]]:
    """A table that prepares both states on each group, with its groups and the states, (rows,).

    How tables are cut decides which groups they reach: where one reaches too few, it gets more rows of
    fewer shots.
    """
    template = Template(neuron, steps, calibration=True)
    rows = 2
    while True:
        empty = EvaluationTable(
            template, np.zeros((rows, *template.phi_shape)), np.zeros((rows, *template.theta_shape)), 1, key
        )
        count = (yield GroupsRequest(empty)).count
        repeats = -(-rows // (2 * count))
        rows = 2 * count * repeats
        shots = -(-readings // (repeats * steps))
        phi = np.zeros((rows, *template.phi_shape))
        table = EvaluationTable(template, phi, np.zeros((rows, *template.theta_shape)), shots, key)
        groups = yield GroupsRequest(table)
        times = np.bincount(groups.of_row, minlength=groups.count)
        if times.min() >= 2:
            break
        if shots == 1:
            raise BackendError(
                f"{groups.count - int((times >= 2).sum())} of {groups.count} groups of qubits cannot be "
                "calibrated, for no table reaches them: use fewer (--pack)"
            )
        rows *= 2
    order = np.argsort(groups.of_row, kind="stable")
    prepared = np.empty(rows, np.intp)
    prepared[order] = (np.arange(rows) - (np.cumsum(times) - times)[groups.of_row[order]]) % 2
    angles = np.broadcast_to(np.pi * prepared[:, None, None], phi.shape)
    return replace(table, phi=np.ascontiguousarray(angles)), groups, prepared
