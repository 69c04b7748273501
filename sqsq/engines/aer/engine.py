"""Engines on Qiskit Aer: one transpilation a template, one batched call a table."""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from qiskit.circuit import Parameter
from qiskit_aer import AerSimulator
from qiskit_aer.jobs import utils as jobs
from qiskit_aer.noise import NoiseModel, ReadoutError

from sqsq.circuits import (
    AffineCircuit,
    FusedCircuit,
    affine_circuit,
    merge_virtual_turns,
    neuron_circuit,
    spikes_from_hex,
)
from sqsq.engines.network_sources import NetworkSource
from sqsq.engines.simulated import SimulatedCircuit
from sqsq.errors import BackendError
from sqsq.tables import (
    EvaluationTable,
    FusedPlan,
    NetworkTable,
    RowGroups,
    Spikes,
    Table,
    Template,
    one_group,
)

SEED_STRIDE = 2113
"""Aer seeds shot k of binding j with seed + 2113 j + k: bindings with more shots share random numbers."""

_SMALL = 4
"""Up to this many noisy qubits density matrices are faster: drawing a Kraus operator costs a state more."""

_STEP_SECONDS, _SHOT_SECONDS = 1e-4, 2e-5
"""About what one step of an evaluation takes, and one shot of it, on one core."""

_LARGE = 12
"""Above so many qubits, of whole networks, state vectors are slower than matrix products."""

_REMEMBERED = 8
"""Circuits of whole networks that are remembered."""


@dataclass(frozen=True, eq=False)
class _Prepared:
    """A circuit ready to run; ``fused`` knows the order of its bits where it is a whole network's."""

    affine: AffineCircuit
    simulator: AerSimulator
    fused: FusedCircuit | None


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
        fuse: NetworkSource | None = None,
        threads: int | None = None,
    ) -> None:
        """Make an engine.

        Args:
            name: The name of the backend.
            prepare: Turns a template into the circuit to simulate; called once for each template.
            seed: The seed of all random numbers.
            fuse: The same for the plans of whole networks; without it there are none.
            threads: Threads to use; all cores if None. Results do not depend on it.
        """
        self._name = name
        self._prepare = prepare
        self._fuse = fuse
        self._seed = seed
        self._threads = threads or os.cpu_count() or 1
        self._prepared: dict[Template | FusedPlan, _Prepared] = {}

    @property
    def name(self) -> str:
        """The name of the backend."""
        return self._name

    @property
    def identity(self) -> str:
        """See ``IdentifiedEngine.identity``: the random numbers are those of the installed Aer."""
        return f"{self._name} seed {self._seed} qiskit-aer {version('qiskit-aer')}"

    def prepare(self, template: Template) -> None:
        """Transpile a template; see ``Engine.prepare``."""
        if template not in self._prepared:
            compiled = neuron_circuit(template)
            self._keep(template, self._prepare(template), (*compiled.phi, *compiled.theta), None)

    def rows_per_chunk(self, table: Table, seconds: float) -> int:
        """See ``Engine.rows_per_chunk``."""
        neurons = len(table.members) if isinstance(table, NetworkTable) else table.template.noise.scale
        each = table.spikes_shape[2] * neurons * (_STEP_SECONDS + _SHOT_SECONDS * table.shots)
        return max(round(seconds / each), 1)

    def groups_of(self, table: EvaluationTable) -> RowGroups:
        """See ``Engine.groups_of``: a simulator has one."""
        return one_group(table)

    def run(self, table: Table) -> Spikes:
        """Run a table; see ``Engine.run``.

        Raises:
            BackendError: If Aer reports a failure.
        """
        spikes = np.empty(table.spikes_shape, np.uint8)
        if not table.evaluations:
            return spikes
        if isinstance(table, NetworkTable):
            self._prepare_network(table.template)
        else:
            self.prepare(table.template)
        prepared = self._prepared[table.template]
        affine = prepared.affine
        angles = affine.angles(table.values())
        columns = [column.tolist() for column in angles.T]
        binds = [dict(zip(affine.parameters, columns, strict=True))]
        digest = table.digest
        for first in range(0, table.shots, SEED_STRIDE):
            shots = min(SEED_STRIDE, table.shots - first)
            result = prepared.simulator.run(
                affine.circuit,
                parameter_binds=binds,
                shots=shots,
                memory=True,
                seed_simulator=_derived_seed(self._seed, digest, first),
            ).result()
            if not result.success:
                raise BackendError(f"{self._name}: Aer failed: {result.status}")
            memory = [word for row in result.results for word in row.data.memory]
            if prepared.fused is None:
                assert isinstance(table, EvaluationTable)
                template = table.template
                ordered = spikes_from_hex(memory, *template.phi_shape, template.noise.readings)
            else:
                ordered = prepared.fused.spikes(spikes_from_hex(memory, affine.circuit.num_clbits, 1)[..., 0])
            spikes[:, first : first + shots] = ordered.reshape(spikes[:, first : first + shots].shape)
        return spikes

    def _prepare_network(self, plan: FusedPlan) -> None:
        """Compile a whole network; the latest plans are remembered, since they change with the weights."""
        if plan in self._prepared:
            return
        if self._fuse is None:
            raise BackendError(f"{self._name} runs networks layer by layer: choose --forward layered")
        fused, simulated = self._fuse(plan)
        self._keep(plan, simulated, (*fused.phi, *fused.theta), fused)
        plans = [known for known in self._prepared if isinstance(known, FusedPlan)]
        for old in plans[:-_REMEMBERED]:
            del self._prepared[old]

    def _keep(
        self,
        template: Template | FusedPlan,
        simulated: SimulatedCircuit,
        order: Sequence[Parameter],
        fused: FusedCircuit | None,
    ) -> None:
        """Make the simulator of a circuit with parameters in the order of a table's values."""
        _start_thread()
        simulator = AerSimulator(
            method=aer_method(simulated.circuit.num_qubits, simulated.noisy),
            noise_model=noise_model(simulated) if simulated.noisy else None,
            fusion_enable=False,  # a few qubits: fusing gates costs more than it saves
            max_parallel_threads=self._threads,
            max_parallel_experiments=self._threads,
        )
        circuit = simulated.circuit
        if fused is None and not any(name == "rz" for name, _ in simulated.gate_errors):
            circuit = merge_virtual_turns(circuit)
        self._prepared[template] = _Prepared(affine_circuit(circuit, order), simulator, fused)


def aer_method(qubits: int, noisy: bool) -> str:
    """How Aer should simulate neurons; those of a network are never entangled: matrix products stay small."""
    if qubits > _LARGE:
        return "matrix_product_state"
    return "density_matrix" if noisy and qubits <= _SMALL else "statevector"


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
