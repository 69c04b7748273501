"""Tables as sampler PUBs on a device: which qubits, how many side by side, and the way back to spikes."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from qiskit.primitives import BitArray

from sqsq.checks import Within, make_plain
from sqsq.circuits import (
    MAX_EXECUTIONS,
    MAX_INSTRUCTIONS,
    FusedDeviceCircuit,
    PackedBits,
    PackedCircuit,
    check_limits,
    control_instructions,
    duration,
    find_groups,
    fuse_for_device,
    pack_neurons,
    place_neurons,
)
from sqsq.engines.best_group import best_group
from sqsq.engines.cost import JOB_SECONDS, Cost
from sqsq.engines.device import Device
from sqsq.engines.job_limits import MAX_INPUT, circuits_per_job
from sqsq.errors import BackendError, UsageError
from sqsq.tables import EvaluationTable, FusedPlan, RowGroups, Spikes, Table, Template, spread_rows

Pack = Literal["auto", "off"] | int
"""How many evaluations share an execution: as many as fit, one, or so many."""

_REMEMBERED = 8
"""Circuits of whole networks that are remembered: their shape changes with the weights."""
_FOLLOW = (
    "choose other qubits (--layout) for a new run; one that has begun waits until the device is as it was, "
    "or follows it with --accept-device-changes"
)


@dataclass(frozen=True)
class Placement:
    """Where neurons run on a device.

    Attributes:
        layout: Physical qubits, io then memory, of one group or of several one after the other; chosen
            by the device's reported errors if empty.
        pack: How many groups run side by side.
        guard_qubits: Whether unused qubits are kept between groups.

    Raises:
        UsageError: If ``pack`` is not auto, off or a positive number, or the layout repeats a qubit.
    """

    layout: tuple[Annotated[int, Within(high=1_000_000)], ...] = ()
    pack: Pack = "auto"
    guard_qubits: bool = False

    def __post_init__(self) -> None:
        make_plain(self)
        if isinstance(self.pack, int) and self.pack < 1:
            raise UsageError(f"pack is {self.pack!r}: auto, off or a number of at least 1")
        if len(set(self.layout)) < len(self.layout) or any(qubit < 0 for qubit in self.layout):
            raise UsageError(f"layout {','.join(map(str, self.layout))}: different qubits, none negative")


class DevicePrograms:
    """Compiles templates for a device, once each.

    What is chosen by what a device publishes anew every day (the groups of qubits, the size of a job, the
    circuit itself) is written to ``choices``: a run that is resumed puts them back and gets the same
    jobs, and what it has measured can be read although the device is another by now, or gone.
    """

    def __init__(
        self, device: Device | Callable[[], Device], placement: Placement, name: str | None = None
    ) -> None:
        """Compile for a device.

        Args:
            device: The device, or what finds it once something is to be compiled.
            placement: Where neurons run on it.
            name: Its name, where it is found later.
        """
        self._found = device
        self._name = name
        self.choices: dict[str, Any] = {}
        self.follows_changes = False
        self._placement = placement
        self._packed: dict[tuple[Template, int], PackedCircuit] = {}
        self._fused: dict[FusedPlan, FusedDeviceCircuit] = {}
        self._seconds: dict[Template | FusedPlan, float | None] = {}

    @property
    def name(self) -> str:
        """The name of the device."""
        return self._name or self.device.name

    @cached_property
    def device(self) -> Device:
        """The device."""
        return self._found if isinstance(self._found, Device) else self._found()

    def groups(self, template: Template) -> tuple[tuple[int, ...], ...]:
        """The groups of qubits that a template may use, best first.

        Raises:
            UsageError: If the layout does not fit the neuron or the device, or too many are asked for.
            BackendError: If the device has no such group.
        """
        key = "groups " + json.dumps(template.neuron.content(), sort_keys=True)
        return self._kept_groups(key, lambda: self._choose(template))

    def compiled(self, template: Template | FusedPlan, rows: int) -> PackedCircuit | FusedDeviceCircuit:
        """The circuit for a table of so many rows."""
        return self.packed(template, rows) if isinstance(template, Template) else self.fused(template)

    def fused(self, plan: FusedPlan) -> FusedDeviceCircuit:
        """The circuit for a whole network.

        Raises:
            BackendError: If the network does not fit on the device.
        """
        if plan not in self._fused:
            groups = self._groups_of_plan(plan)
            self._check_working(groups)
            self._fused[plan] = fuse_for_device(
                plan, self.device, groups, mid_circuit=self.device.mid_circuit
            )
            while len(self._fused) > _REMEMBERED:
                del self._fused[next(iter(self._fused))]
        return self._fused[plan]

    def packed(self, template: Template, rows: int) -> PackedCircuit:
        """The circuit for a table of so many rows: no more groups than spread its executions evenly.

        Raises:
            BackendError: If a qubit or coupling that it needs is marked as faulty.
        """
        groups, used = self.groups(template), self._used(template, rows)
        if (template, used) not in self._packed:
            self._check_working(groups[:used])
            self._packed[template, used] = pack_neurons(
                template, self.device, groups[:used], mid_circuit=self.device.mid_circuit
            )
        return self._packed[template, used]

    def identity(self, template: Template | FusedPlan, rows: int) -> str:
        """What tells a circuit, qubits included, from every other: the digest of its canonical text.

        It is that of the circuit with which the run began.
        """
        key = self._circuit_key(template, rows)
        if key not in self.choices or self.follows_changes:
            self.choices[key] = self._digest(template, rows)
        return str(self.choices[key])

    def check_unchanged(self, template: Template | FusedPlan, rows: int) -> None:
        """Check that the device would still run the circuit that ``identity`` names.

        Raises:
            BackendError: If its qubits are faulty now, or it would be another circuit.
        """
        kept = self.choices.get(self._circuit_key(template, rows))
        if kept is not None and kept != self._digest(template, rows):
            raise BackendError(
                f"{self.name} has changed since this run began: the circuit on its qubits would be another "
                f"one; nothing was sent; {_FOLLOW}"
            )

    def groups_of(self, table: EvaluationTable) -> RowGroups:
        """Which group runs each row of a table that is one job."""
        used = self._used(table.template, table.evaluations)
        return RowGroups(np.arange(table.evaluations) % used, len(self.groups(table.template)))

    def rows_per_job(self, template: Template | FusedPlan, shots: int, seconds: float) -> int:
        """How many evaluations a job takes, by the job limits and an estimated run time.

        Raises:
            BackendError: If not even one circuit fits into a job.
        """
        key = "rows per job " + json.dumps([template.content(), shots, seconds], sort_keys=True)
        if key not in self.choices:
            self.choices[key] = self._rows_per_job(template, shots, seconds)
        return int(self.choices[key])

    def _rows_per_job(self, template: Template | FusedPlan, shots: int, seconds: float) -> int:
        compiled = self._largest(template)
        check_limits(compiled.circuit)
        rep_delay, alone = self._times(template)
        each = None if alone is None else rep_delay + alone
        circuits = circuits_per_job(compiled.circuit, shots, each, seconds)
        if not circuits:
            amplified = isinstance(template, Template) and template.noise.scale > 1
            smaller = ", or a smaller noise scale" if amplified else ""
            raise BackendError(
                f"{shots} shots of T = {template.steps} steps exceed what one job may hold "
                f"({MAX_EXECUTIONS:,} executions; {MAX_INSTRUCTIONS:,} control instructions a qubit, of "
                f"which one circuit has {control_instructions(compiled.circuit):,}; {MAX_INPUT:,} bytes of "
                f"input): ask for fewer{smaller}"
            )
        return circuits * compiled.evaluations

    def circuit_seconds(self, template: Template | FusedPlan) -> float | None:
        """The duration of the circuit, the slowest group's; None where durations are not published."""
        return self._times(template)[1]

    def cost(self, template: Template | FusedPlan, rows: int, shots: int) -> Cost:
        """What one job with so many evaluations costs; the times that it follows from are kept."""
        key = "times " + json.dumps(template.content(), sort_keys=True)
        if key not in self.choices:
            self.choices[key] = list(self._times(template))
        rep_delay, seconds = self.choices[key]
        circuits = rows
        if isinstance(template, Template):
            circuits = PackedBits(template, self._used(template, rows)).bindings(rows)
        executions = circuits * shots
        charged = None if seconds is None else JOB_SECONDS + (rep_delay + seconds) * executions
        return Cost(1, circuits, executions, rows, charged, seconds)

    def _times(self, template: Template | FusedPlan) -> tuple[float, float | None]:
        """The delay between shots and the duration of the circuit, seconds."""
        if template not in self._seconds:
            compiled = self._largest(template)
            try:
                self._seconds[template] = duration(compiled.circuit, self.device.target, self.device.name)
            except BackendError:
                self._seconds[template] = None
        return self.device.rep_delay, self._seconds[template]

    def _used(self, template: Template, rows: int) -> int:
        """On how many groups so many rows run."""
        return spread_rows(rows, len(self.groups(template)))

    def pub(self, table: Table) -> tuple[Any, NDArray[np.float64]]:
        """A table as circuit and parameter values."""
        compiled = self.compiled(table.template, table.evaluations)
        return compiled.circuit, compiled.values(table.values())

    def spikes(self, data: Any, table: Table) -> Spikes:
        """A PUB's result as the spikes of its table.

        Args:
            data: The ``DataBin`` of a sampler's PUB result.
            table: What was asked.

        Raises:
            BadResultError: If registers, shots or shapes are not those of the table.
        """
        registers, bindings = self._measured(table)
        bits = []
        for name, size in registers:
            array = getattr(data, name, None)
            if not isinstance(array, BitArray):
                raise BadResultError(f"the result lacks register {name}")
            expected = (bindings,), table.shots, size
            found = array.shape, array.num_shots, array.num_bits
            if found != expected:
                raise BadResultError(
                    f"the result has (shape, shots, bits) {found}, not {expected} as was asked for"
                )
            unpacked = np.unpackbits(array.array, axis=-1)[..., ::-1]
            bits.append(unpacked[..., : array.num_bits])
        if isinstance(table.template, FusedPlan):
            return table.template.spikes(np.concatenate(bits, axis=-1))
        return PackedBits(table.template, len(registers)).spikes(bits, table.evaluations)

    def _measured(self, table: Table) -> tuple[tuple[tuple[str, int], ...], int]:
        """The registers of a table's circuit, names and sizes, and how often it is bound."""
        if isinstance(table.template, FusedPlan):
            return table.template.registers, table.evaluations
        bits = PackedBits(table.template, self._used(table.template, table.evaluations))
        return bits.registers, bits.bindings(table.evaluations)

    def _kept_groups(
        self, key: str, choose: Callable[[], tuple[tuple[int, ...], ...]]
    ) -> tuple[tuple[int, ...], ...]:
        """The groups that were chosen before; anew if some are faulty now and that is to be followed."""
        kept = self.choices.get(key)
        if kept is None or (self.follows_changes and any(map(self.device.faults_of, kept))):
            kept = self.choices[key] = [list(group) for group in choose()]
        return tuple(tuple(group) for group in kept)

    def _groups_of_plan(self, plan: FusedPlan) -> tuple[tuple[int, ...], ...]:
        key = "groups " + json.dumps([neuron.content() for neuron in plan.neurons], sort_keys=True)
        return self._kept_groups(key, lambda: place_neurons(plan.neurons, self.device))

    def _check_working(self, groups: tuple[tuple[int, ...], ...]) -> None:
        for group in groups:
            if fault := self.device.faults_of(group):
                raise BackendError(f"{fault}, and neurons were to run on qubits {list(group)}: {_FOLLOW}")

    def _circuit_key(self, template: Template | FusedPlan, rows: int) -> str:
        used = self._used(template, rows) if isinstance(template, Template) else 1
        return "circuit " + json.dumps([template.content(), used], sort_keys=True)

    def _digest(self, template: Template | FusedPlan, rows: int) -> str:
        text = f"{self.name}\n{self.compiled(template, rows).text}"
        return hashlib.sha256(text.encode()).hexdigest()

    def _largest(self, template: Template | FusedPlan) -> PackedCircuit | FusedDeviceCircuit:
        """The circuit that uses all groups."""
        if isinstance(template, FusedPlan):
            return self.fused(template)
        return self.packed(template, len(self.groups(template)))

    def _choose(self, template: Template) -> tuple[tuple[int, ...], ...]:
        size = template.neuron.io_qubits + template.neuron.memory_qubits
        layout, pack = self._placement.layout, self._placement.pack
        if layout:
            if len(layout) % size or max(layout) >= self.device.target.num_qubits:
                raise UsageError(
                    f"layout {','.join(map(str, layout))}: this neuron needs {size} qubits, or several "
                    f"times {size}, of 0 to {self.device.target.num_qubits - 1}"
                )
            found = tuple(layout[k : k + size] for k in range(0, len(layout), size))
        elif pack == "off":
            found = (best_group(template, self.device),)
        else:
            found = find_groups(
                template,
                self.device.target,
                self.device.name,
                self._placement.guard_qubits,
                measurement=self.device.measurement,
            )
        if pack in ("auto", "off"):
            return found[:1] if pack == "off" else found
        assert isinstance(pack, int)
        if pack > len(found):
            raise UsageError(
                f"pack is {pack}: {self.device.name} has room for {len(found)} such neurons side by side"
            )
        return found[:pack]


class BadResultError(Exception):
    """A job came back with something else than was asked for."""
