"""Tables as sampler PUBs on a device: which qubits, how many side by side, and the way back to spikes."""

import json
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import Within, make_plain
from sqsq.circuits import (
    PackedCircuit,
    Template,
    duration,
    find_groups,
    neuron_circuit,
    pack_neurons,
    physical_qubits,
    transpile_for_device,
)
from sqsq.circuits.fused import FusedPlan
from sqsq.circuits.fused_device import FusedDeviceCircuit, fuse_for_device
from sqsq.circuits.fused_site import place_neurons
from sqsq.circuits.limits import MAX_EXECUTIONS, MAX_INSTRUCTIONS, check_limits, control_instructions
from sqsq.engines.cost import JOB_SECONDS, Cost
from sqsq.engines.device import Device
from sqsq.engines.job_limits import circuits_per_job
from sqsq.engines.protocol import Table
from sqsq.engines.row_groups import RowGroups, spread_rows
from sqsq.engines.table import EvaluationTable, Spikes
from sqsq.errors import BackendError, UsageError

Pack = Literal["auto", "off"] | int
"""How many evaluations share an execution: as many as fit, one, or so many."""

_REMEMBERED = 8
"""Circuits of whole networks that are remembered: their shape changes with the weights."""


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

    What is chosen by errors and durations that a device publishes anew every day (the groups of qubits,
    the size of a job) is written to ``choices``: a run that is resumed puts them back and gets the same
    jobs.
    """

    def __init__(self, device: Device, placement: Placement) -> None:
        """Compile for a device.

        Args:
            device: The device.
            placement: Where neurons run on it.
        """
        self.device = device
        self.choices: dict[str, Any] = {}
        self._placement = placement
        self._packed: dict[tuple[Template, int], PackedCircuit] = {}
        self._fused: dict[FusedPlan, FusedDeviceCircuit] = {}
        self._seconds: dict[Template | FusedPlan, float | None] = {}

    def groups(self, template: Template) -> tuple[tuple[int, ...], ...]:
        """The groups of qubits that a template may use, best first.

        Raises:
            UsageError: If the layout does not fit the neuron or the device, or too many are asked for.
            BackendError: If the device has no such group.
        """
        key = "groups " + json.dumps(asdict(template.neuron), sort_keys=True)
        if key not in self.choices:
            self.choices[key] = [list(group) for group in self._choose(template)]
        return tuple(tuple(group) for group in self.choices[key])

    def compiled(self, template: Template | FusedPlan, rows: int) -> PackedCircuit | FusedDeviceCircuit:
        """The circuit for a table of so many rows."""
        return self.packed(template, rows) if isinstance(template, Template) else self.fused(template)

    def fused(self, plan: FusedPlan) -> FusedDeviceCircuit:
        """The circuit for a whole network.

        Raises:
            BackendError: If the network does not fit on the device.
        """
        if plan not in self._fused:
            key = "groups " + json.dumps([asdict(neuron) for neuron in plan.neurons], sort_keys=True)
            if key not in self.choices:
                self.choices[key] = [list(group) for group in place_neurons(plan.neurons, self.device)]
            groups = tuple(tuple(group) for group in self.choices[key])
            self._fused[plan] = fuse_for_device(
                plan, self.device, groups, mid_circuit=self.device.mid_circuit
            )
            while len(self._fused) > _REMEMBERED:
                del self._fused[next(iter(self._fused))]
        return self._fused[plan]

    def packed(self, template: Template, rows: int) -> PackedCircuit:
        """The circuit for a table of so many rows: no more groups than spread its executions evenly."""
        groups = self.groups(template)
        used = spread_rows(rows, len(groups))
        if (template, used) not in self._packed:
            self._packed[template, used] = pack_neurons(
                template, self.device, groups[:used], mid_circuit=self.device.mid_circuit
            )
        return self._packed[template, used]

    def groups_of(self, table: EvaluationTable) -> RowGroups:
        """Which group runs each row of a table that is one job."""
        count = len(self.groups(table.template))
        used = spread_rows(table.evaluations, count)
        return RowGroups(np.arange(table.evaluations) % used, count)

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
        alone = self.circuit_seconds(template)
        each = None if alone is None else self.device.rep_delay + alone
        circuits = circuits_per_job(compiled.circuit, shots, each, seconds)
        if not circuits:
            amplified = isinstance(template, Template) and template.noise.scale > 1
            smaller = ", or a smaller noise scale" if amplified else ""
            raise BackendError(
                f"{shots} shots of T = {template.steps} steps exceed what one job may hold "
                f"({MAX_EXECUTIONS:,} executions; {MAX_INSTRUCTIONS:,} control instructions a qubit, of "
                f"which one circuit has {control_instructions(compiled.circuit):,}): ask for fewer{smaller}"
            )
        return circuits * compiled.evaluations

    def circuit_seconds(self, template: Template | FusedPlan) -> float | None:
        """The duration of the circuit, the slowest group's; None where durations are not published."""
        if template not in self._seconds:
            compiled = self._largest(template)
            try:
                self._seconds[template] = duration(compiled.circuit, self.device.target, self.device.name)
            except BackendError:
                self._seconds[template] = None
        return self._seconds[template]

    def cost(self, template: Template | FusedPlan, rows: int, shots: int) -> Cost:
        """What one job with so many evaluations costs."""
        circuits = self.compiled(template, rows).bindings(rows)
        seconds = self.circuit_seconds(template)
        executions = circuits * shots
        charged = None if seconds is None else JOB_SECONDS + (self.device.rep_delay + seconds) * executions
        return Cost(1, circuits, executions, rows, charged, seconds)

    def identity(self, template: Template | FusedPlan, rows: int) -> str:
        """The canonical content of the circuit, qubits included."""
        return f"{self.device.name}\n{self.compiled(template, rows).text}"

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
        compiled = self.compiled(table.template, table.evaluations)
        bits = []
        for name, size in compiled.registers:
            array = getattr(data, name, None)
            if array is None:
                raise BadResultError(f"the result lacks register {name}")
            expected = (compiled.bindings(table.evaluations),), table.shots, size
            found = array.shape, array.num_shots, array.num_bits
            if found != expected:
                raise BadResultError(
                    f"the result has (shape, shots, bits) {found}, not {expected} as was asked for"
                )
            unpacked = np.unpackbits(array.array, axis=-1)[..., ::-1]
            bits.append(unpacked[..., : array.num_bits])
        return compiled.spikes(bits, table.evaluations)

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
            found = find_groups(template, self.device.target, self.device.name, self._placement.guard_qubits)
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


def best_group(template: Template, device: Device) -> tuple[int, ...]:
    """The qubits that the unpacked circuit uses: those of least error, also where it needs swaps."""
    circuit = neuron_circuit(template.plain).circuit
    return physical_qubits(transpile_for_device(circuit, device), circuit.num_qubits)
