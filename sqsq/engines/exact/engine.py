"""The engine ``exact``: neurons as quantum instruments."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from sqsq.circuits import neuron_circuit
from sqsq.engines.exact.answers import score
from sqsq.engines.exact.distinct_rows import distinct_rows
from sqsq.engines.exact.instrument import StepProgram, build_instruments, polynomial_basis, step_programs
from sqsq.engines.exact.networks import run_network
from sqsq.engines.exact.numpy_kernel import NumberArray, sample_patterns
from sqsq.engines.exact.operations import step_operations
from sqsq.engines.exact.populations import with_populations
from sqsq.engines.exact.stream import STREAM, draw_uniforms, steps_per_draw
from sqsq.engines.simulated import SimulatedCircuit
from sqsq.errors import BackendError
from sqsq.model import Neuron
from sqsq.tables import (
    EvaluationTable,
    NetworkTable,
    RowGroups,
    ScoreRequest,
    Scores,
    Spikes,
    Table,
    Template,
    one_group,
)

FloatArray = NDArray[np.float64]
CHUNK = 1_000_000
"""Shots times steps of a chunk of rows, drawn at once: few enough to stay in a cache."""

_TRAINS = 16_384
"""Shots of all rows of a chunk that kernels need to be quick; up to 16 chunks are then drawn at once."""

_SHOT_SECONDS = 6e-8
"""About what one step of one shot takes on one core, without numba."""

_NETWORK_SHOT_SECONDS = 1e-6
"""The same for a neuron of a whole network."""
_SETS_AT_ONCE = 1024
"""Sets of angles whose shifted instruments are built together."""

_REMEMBERED = 8
"""Sets of instruments that an engine remembers."""

_WIDTH = 64
"""Rows that the numba kernel takes at once: chunks of more hold a multiple of it."""
_LINE = 64
"""Steps whose spikes NumPy puts in order at once: a line of a processor's cache."""


def _trains_at_once(steps: int) -> int:
    """Shots of all rows that are drawn at once."""
    return max(CHUNK // steps, min(_TRAINS, 16 * CHUNK // steps), 1)


def _larger(neuron: Neuron) -> int:
    """How many times the work of one and one qubit a neuron is."""
    times: int = 16 ** (neuron.memory_qubits - 1) * 6 ** (neuron.io_qubits - 1)
    return times


@dataclass(frozen=True, eq=False)
class _Programs:
    """The steps of a template; most do the same.

    Attributes:
        distinct: The different ones.
        kinds: Which of them each step is, shape (T,).
    """

    distinct: tuple[StepProgram, ...]
    kinds: NDArray[np.intp]


def _distinct_programs(programs: list[StepProgram]) -> _Programs:
    signatures = [program.signature() for program in programs]
    order = list(dict.fromkeys(signatures))
    distinct = tuple(programs[signatures.index(signature)] for signature in order)
    return _Programs(distinct, np.array([order.index(signature) for signature in signatures]))


class ExactEngine:
    """Draws spikes from the exact distribution of a template's circuit, errors included.

    Results depend on the seed and the table alone.
    """

    def __init__(
        self,
        name: str,
        prepare: Callable[[Template], SimulatedCircuit],
        seed: int,
        *,
        fast: bool | None = None,
        ideal: bool = True,
    ) -> None:
        """Make an engine.

        Args:
            name: The name of the backend.
            prepare: Turns a template into the circuit to simulate; called once for each template.
            seed: The seed of all random numbers.
            fast: Whether to use numba (extra ``fast``); by default where it is installed.
            ideal: Whether circuits have no errors.
        """
        self._name = name
        self._prepare = prepare
        self._seed = seed
        self._ideal = ideal
        self._fast = find_spec("numba") is not None if fast is None else fast
        self._programs: dict[Template, _Programs] = {}
        self._banks: dict[tuple[Template, bytes], FloatArray] = {}

    @property
    def name(self) -> str:
        """The name of the backend."""
        return self._name

    @property
    def identity(self) -> str:
        """See ``IdentifiedEngine.identity``: the same with numba and without."""
        return f"{self._name} seed {self._seed} stream {STREAM}"

    def prepare(self, template: Template) -> None:
        """Turn a template into matrices; see ``Engine.prepare``."""
        if template not in self._programs:
            compiled = neuron_circuit(template)
            simulated = self._prepare(template)
            order = (*compiled.phi, *compiled.theta)
            io_qubits = template.neuron.io_qubits
            readings = template.noise.readings
            steps = step_operations(simulated, order, template.steps, io_qubits, readings)
            programs = step_programs(steps, simulated.circuit.num_qubits, io_qubits)
            self._programs[template] = _distinct_programs(programs)

    def rows_per_chunk(self, table: Table, seconds: float) -> int:
        """See ``Engine.rows_per_chunk``."""
        if isinstance(table, NetworkTable):
            kinds = [table.network.neurons[i] for i in table.members]
            each = _NETWORK_SHOT_SECONDS * sum(_larger(kind) for kind in kinds)
        else:
            each = _SHOT_SECONDS * _larger(table.template.neuron)
        return max(round(seconds / (each * table.spikes_shape[2] * table.shots)), 1)

    def groups_of(self, table: EvaluationTable) -> RowGroups:
        """See ``Engine.groups_of``: a simulator has one."""
        return one_group(table)

    def run(self, table: Table) -> Spikes:
        """Run a table; see ``Engine.run``.

        Raises:
            BackendError: If a whole network is to run with a device's noise.
        """
        if isinstance(table, NetworkTable):
            if not self._ideal:
                raise BackendError(
                    f"{self._name} knows the noise of single neurons, not of whole networks in one circuit: "
                    f"use {self._name.removeprefix('exact:')} (Aer), or --forward layered"
                )
            return run_network(self, table, self._seed)
        spikes = np.empty(table.spikes_shape, np.uint8)
        self.prepare(table.template)
        for chunk in self._chunks(table):
            chunk.draw(spikes[chunk.rows])
        return spikes

    def stream(self, table: EvaluationTable) -> Iterator[tuple[slice, Spikes]]:
        """Run a table in chunks, for tables whose spikes do not fit in memory.

        Yields:
            Which rows, and their spikes, shape (chunk, shots, T, N): the same that ``run`` returns. The
            array is used again for the next chunk.
        """
        self.prepare(table.template)
        spikes = np.empty((0, *table.spikes_shape[1:]), np.uint8)
        for chunk in self._chunks(table):
            count = chunk.rows.stop - chunk.rows.start
            if len(spikes) < count:
                spikes = np.empty((count, *table.spikes_shape[1:]), np.uint8)
            chunk.draw(spikes[:count])
            yield chunk.rows, spikes[:count]

    def instruments(self, table: EvaluationTable, rows: slice) -> tuple[FloatArray, NDArray[np.int32]]:
        """The instruments of some rows of a table.

        Returns:
            The distinct ones, shape (I, 2^N, F, D, D), and which one each row uses at each step,
            shape (rows, T), or (1, T) where all rows are alike.
        """
        distinct, which = self._distinct_theta(table, rows)
        kinds = self._programs[table.template].kinds
        index = which + len(distinct) * kinds
        return self._bank(table.template, distinct), index.astype(np.int32)

    def shifted_instruments(
        self, table: EvaluationTable, rows: slice, moves: Sequence[tuple[int, float]]
    ) -> Iterator[FloatArray]:
        """The instruments of ``instruments``, in the same order, with one angle shifted.

        Args:
            table: The table.
            rows: Some of its rows.
            moves: Which angle to shift, and by how much, radians.

        Yields:
            The instruments after each move alone.
        """
        distinct, _ = self._distinct_theta(table, rows)
        sets = len(distinct)
        size = max(_SETS_AT_ONCE // sets, 1)
        for first in range(0, len(moves), size):
            some = moves[first : first + size]
            moved = np.repeat(distinct[None], len(some), axis=0)
            for own, (angle, shift) in zip(moved, some, strict=True):
                own[:, angle] += shift
            bank = self._build(table.template, moved.reshape(-1, distinct.shape[1]))
            by_move = bank.reshape(-1, len(some), sets, *bank.shape[1:])
            for k in range(len(some)):
                yield by_move[:, k].reshape(-1, *bank.shape[1:])

    def basis(self, table: EvaluationTable, rows: slice) -> FloatArray:
        """What the F coefficients of the instruments are those of, shape (rows, T, F)."""
        self.prepare(table.template)
        return polynomial_basis(table.phi[rows], self._programs[table.template].distinct[0].degree)

    def shape_of(self, template: Template) -> tuple[int, int]:
        """D, the size of the state between steps, and the number 2^N of spike patterns."""
        self.prepare(template)
        return self._programs[template].distinct[0].dimension, 2**template.neuron.io_qubits

    def score(self, request: ScoreRequest) -> Scores:
        """Exact probabilities and derivatives; see ``ExactAnswers``."""
        return score(self, request)

    def _distinct_theta(self, table: EvaluationTable, rows: slice) -> tuple[FloatArray, NDArray[np.intp]]:
        """The different sets of angles, and which one each row uses at each step."""
        self.prepare(table.template)
        theta = table.theta[rows]
        if theta.strides[0] == 0:
            theta = theta[:1]
        theta = np.asarray(theta, np.float64)
        if not theta.shape[-1]:  # a calibration has no angles
            return np.zeros((1, 0)), np.zeros(theta.shape[:2], np.intp)
        steps = theta.shape[1]
        if (theta == theta[:, :1]).all():
            theta = theta[:, :1]
        distinct, which = distinct_rows(theta.reshape(-1, theta.shape[-1]))
        return distinct, np.broadcast_to(which.reshape(theta.shape[:2]), (len(theta), steps))

    def _bank(self, template: Template, theta: FloatArray) -> FloatArray:
        """The instruments of each kind of step for each set of angles; the latest are remembered."""
        key = (template, theta.tobytes())
        bank = self._banks.pop(key, None)
        if bank is None:
            bank = self._build(template, theta)
        self._banks[key] = bank
        while len(self._banks) > _REMEMBERED:
            del self._banks[next(iter(self._banks))]
        return bank

    def _build(self, template: Template, theta: FloatArray) -> FloatArray:
        programs = self._programs[template].distinct
        io_qubits = template.neuron.io_qubits
        return np.concatenate([build_instruments(program, theta, io_qubits) for program in programs])

    def _chunks(self, table: EvaluationTable) -> Iterator["_Chunk"]:
        """Cut a table into chunks of rows that are drawn at once."""
        steps = table.template.steps
        size = max(min(_trains_at_once(steps) // table.shots, CHUNK // steps), 1)
        size -= size % _WIDTH if size > _WIDTH else 0
        content = table.fingerprint
        alike = table.theta.strides[0] == 0 and table.evaluations > 0
        shared = self.instruments(table, slice(0, 1)) if alike else None
        degree = self._programs[table.template].distinct[0].degree
        for first in range(0, table.evaluations, size):
            rows = slice(first, min(first + size, table.evaluations))
            bank, index = shared or self.instruments(table, rows)
            seed = hashlib.sha256(f"{self._seed}/{first}/".encode() + content).digest()
            rng = np.random.Generator(np.random.PCG64(int.from_bytes(seed, "little")))
            yield _Chunk(rows, table.phi[rows], degree, with_populations(bank), index, rng, self._fast)


@dataclass(frozen=True, eq=False)
class _Chunk:
    """Some rows of a table, ready to be drawn."""

    rows: slice
    phi: FloatArray
    degree: int
    bank: FloatArray
    index: NDArray[np.int32]
    rng: np.random.Generator
    fast: bool

    def draw(self, spikes: Spikes) -> None:
        """Fill spikes, shape (rows, shots, T, N)."""
        count, shots, steps, io_qubits = spikes.shape
        at_once = max(_trains_at_once(steps) // count, 1)
        for first in range(0, shots, at_once):
            part = spikes[:, first : first + at_once]
            uniforms = draw_uniforms(self.rng, steps, part.shape[1], count, io_qubits)
            self._fill(part, uniforms, steps_per_draw(io_qubits))

    def _fill(self, spikes: Spikes, uniforms: NumberArray, steps_per_draw: int) -> None:
        if self.fast and self.bank.shape[1:] == (2, 3, 4, 4):
            from sqsq.engines.exact.numba_kernel import sample_spikes

            sample_spikes(self.bank, self.index, self.phi[..., 0], uniforms, spikes, steps_per_draw)
            return
        basis = polynomial_basis(self.phi.swapaxes(0, 1), self.degree).swapaxes(1, 2)
        patterns = sample_patterns(self.bank, self.index, basis, uniforms, steps_per_draw)
        for first in range(0, len(patterns), _LINE):
            some = patterns[first : first + _LINE].transpose(2, 1, 0)
            for n in range(spikes.shape[-1]):
                spikes[:, :, first : first + _LINE, n] = (some >> n) & 1
