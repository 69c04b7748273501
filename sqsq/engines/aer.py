"""Engines on Qiskit Aer: one transpilation a template, one batched call a table."""

import hashlib
import os
from collections.abc import Callable

import numpy as np
from qiskit_aer import AerSimulator
from qiskit_aer.jobs import utils as jobs
from qiskit_aer.noise import NoiseModel, ReadoutError

from sqsq.circuits import (
    AffineCircuit,
    Template,
    affine_circuit,
    merge_virtual_turns,
    neuron_circuit,
    spikes_from_hex,
)
from sqsq.engines.row_groups import RowGroups, one_group
from sqsq.engines.simulated import SimulatedCircuit
from sqsq.engines.table import EvaluationTable, Spikes
from sqsq.errors import BackendError

SEED_STRIDE = 2113
"""Aer seeds shot k of binding j with seed + 2113 j + k: bindings with more shots share random numbers."""

_SMALL = 4
"""Up to this many noisy qubits density matrices are faster: drawing a Kraus operator costs a state more."""

_STEP_SECONDS, _SHOT_SECONDS = 1e-4, 2e-5
"""About what one step of an evaluation takes, and one shot of it, on one core."""


class AerEngine:
    """Runs tables as dynamic circuits on Aer, every shot measured and reset on its own.

    Results depend on the seed and the content of the table alone, not on threads or on what was
    run before.
    """

    def __init__(
        self,
        name: str,
        prepare: Callable[[Template], SimulatedCircuit],
        seed: int,
        *,
        threads: int | None = None,
    ) -> None:
        """Make an engine.

        Args:
            name: The name of the backend.
            prepare: Turns a template into the circuit to simulate; called once for each template.
            seed: The seed of all random numbers.
            threads: Threads to use; all cores if None. Results do not depend on it.
        """
        self._name = name
        self._prepare = prepare
        self._seed = seed
        self._threads = threads or os.cpu_count() or 1
        self._prepared: dict[Template, tuple[AffineCircuit, AerSimulator]] = {}

    @property
    def name(self) -> str:
        """The name of the backend."""
        return self._name

    def prepare(self, template: Template) -> None:
        """Transpile a template; see ``Engine.prepare``."""
        if template not in self._prepared:
            self._prepared[template] = self._build(template)

    def rows_per_chunk(self, template: Template, shots: int, seconds: float) -> int:
        """See ``Engine.rows_per_chunk``."""
        each = template.steps * template.noise.scale * (_STEP_SECONDS + _SHOT_SECONDS * shots)
        return max(round(seconds / each), 1)

    def groups_of(self, table: EvaluationTable) -> RowGroups:
        """See ``Engine.groups_of``: a simulator has one."""
        return one_group(table)

    def run(self, table: EvaluationTable) -> Spikes:
        """Run a table; see ``Engine.run``.

        Raises:
            BackendError: If Aer reports a failure.
        """
        spikes = np.empty(table.spikes_shape, np.uint8)
        if not table.evaluations:
            return spikes
        self.prepare(table.template)
        affine, simulator = self._prepared[table.template]
        angles = affine.angles(table.values())
        columns = [column.tolist() for column in angles.T]
        binds = [dict(zip(affine.parameters, columns, strict=True))]
        digest = table.digest()
        for first in range(0, table.shots, SEED_STRIDE):
            shots = min(SEED_STRIDE, table.shots - first)
            result = simulator.run(
                affine.circuit,
                parameter_binds=binds,
                shots=shots,
                memory=True,
                seed_simulator=_derived_seed(self._seed, digest, first),
            ).result()
            if not result.success:
                raise BackendError(f"{self._name}: Aer failed: {result.status}")
            memory = [word for row in result.results for word in row.data.memory]
            shape = (table.evaluations, shots, *table.template.phi_shape)
            decoded = spikes_from_hex(memory, *table.template.phi_shape, table.template.noise.readings)
            spikes[:, first : first + shots] = decoded.reshape(shape)
        return spikes

    def _build(self, template: Template) -> tuple[AffineCircuit, AerSimulator]:
        _start_thread()
        compiled = neuron_circuit(template)
        prepared = self._prepare(template)
        small = prepared.circuit.num_qubits <= _SMALL
        simulator = AerSimulator(
            method="density_matrix" if prepared.noisy and small else "statevector",
            noise_model=noise_model(prepared) if prepared.noisy else None,
            fusion_enable=False,  # a few qubits: fusing gates costs more than it saves
            max_parallel_threads=self._threads,
            max_parallel_experiments=self._threads,
        )
        circuit = prepared.circuit
        if not any(name == "rz" for name, _ in prepared.gate_errors):
            circuit = merge_virtual_turns(circuit)
        return affine_circuit(circuit, (*compiled.phi, *compiled.theta)), simulator


def _start_thread() -> None:
    """Start the thread in which Aer runs before it has anything to do.

    Aer starts it with its first circuits, and while those run the main thread waits inside ``submit``. A
    Ctrl-C there leaves a thread that nobody knows of, and the process never ends.
    """
    jobs.DEFAULT_EXECUTOR.submit(int).result()


def noise_model(circuit: SimulatedCircuit) -> NoiseModel:
    """The errors of a circuit as Aer takes them."""
    model = NoiseModel(
        basis_gates=[name for name in circuit.circuit.count_ops() if name != "quantum_channel"]
    )
    for (name, qubits), error in circuit.gate_errors.items():
        model.add_quantum_error(error, name, list(qubits))
    for qubit, probabilities in circuit.readout_errors.items():
        model.add_readout_error(ReadoutError(probabilities), [qubit])
    return model


def _derived_seed(seed: int, digest: bytes, first_shot: int) -> int:
    """A 62-bit seed: the seeds that Aer counts up from different ones do not meet in practice."""
    content = hashlib.sha256(f"{seed}/{first_shot}/".encode() + digest).digest()
    return int.from_bytes(content[:8], "little") >> 2
