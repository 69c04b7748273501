"""Evaluations per second of the engines and of what users would write by hand.

    python benchmarks/engines.py [--shots 5] [--json engines.json]

Every contender runs in a process of its own on one pinned core, one after the other, on the same
circuit, angles and shots (the exact engines on that table repeated, for they would be done before the
clock has ticked); each figure is the median of the repeats. The quick contenders take turns, five times
over, and the median of those is compared. What matters are the ratios.

``T = 500 / T = 10`` compares shots x steps a CPU second of long trains with those of short ones, in turns
within one process: the median of the ratios. Both tables have as many rows.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from sqsq import EvaluationTable, Neuron, Template, neuron_circuit, open_engine
from sqsq.circuits import cut_circuit, transpile_for_device, transpile_ideal, used_qubits
from sqsq.engines.circuit_sources import circuits_of
from sqsq.engines.exact import ExactEngine

DEVICE = "fake_brisbane"
Run = Callable[[EvaluationTable], object]


def make_table(rows: int, shots: int, steps: int, repeats: int = 1) -> EvaluationTable:
    """Random currents, one set of angles, as when a neuron's weights are perturbed."""
    rng = np.random.default_rng(0)
    template = Template(Neuron(), steps)
    phi = np.tile(rng.uniform(0, np.pi, (rows, *template.phi_shape)), (repeats, 1, 1))
    theta = np.broadcast_to(rng.uniform(-1, 1, template.theta_shape[1]), (len(phi), *template.theta_shape))
    return EvaluationTable(template, phi, theta, shots)


def sqsq_engine(name: str, **options: bool) -> Run:
    return open_engine(name, **options).run


def exact_engine(device: str, fast: bool) -> Run:
    return ExactEngine("exact", circuits_of(device, idle_noise=True), 0, fast=fast).run


def by_hand(noisy: bool, **options: object) -> Run:
    """``AerSimulator.run(parameter_binds=...)`` with the noise of the qubits in use."""
    from qiskit_aer import AerSimulator

    from sqsq.circuits import cut_target
    from sqsq.engines.aer import noise_model
    from sqsq.engines.fake import fake_backend
    from sqsq.engines.noise import with_device_errors

    prepared = {}

    def run(table: EvaluationTable) -> object:
        if not prepared:
            compiled = neuron_circuit(table.template)
            noise = None
            if noisy:
                backend = fake_backend(DEVICE)
                device = transpile_for_device(compiled.circuit, backend)
                qubits = used_qubits(device)
                prepared["circuit"] = cut_circuit(device, qubits)
                errors = with_device_errors(prepared["circuit"], cut_target(backend.target, qubits))
                noise = noise_model(errors)
            else:
                prepared["circuit"] = transpile_ideal(compiled.circuit)
            prepared["order"] = (*compiled.phi, *compiled.theta)
            prepared["simulator"] = AerSimulator(noise_model=noise, **options)
        binds = {
            parameter: column.tolist()
            for parameter, column in zip(prepared["order"], table.values().T, strict=True)
        }
        result = (
            prepared["simulator"]
            .run(
                prepared["circuit"], parameter_binds=[binds], shots=table.shots, memory=True, seed_simulator=1
            )
            .result()
        )
        return [result.get_memory(row) for row in range(table.evaluations)]

    return run


def runtime_sampler() -> Run:
    """``SamplerV2(mode=FakeBrisbane())`` of qiskit-ibm-runtime, one PUB with all bindings."""
    from qiskit_ibm_runtime import SamplerV2

    from sqsq.engines.fake import fake_backend

    prepared = {}

    def run(table: EvaluationTable) -> object:
        if not prepared:
            compiled = neuron_circuit(table.template)
            circuit = transpile_for_device(compiled.circuit, fake_backend(DEVICE))
            column = {p: k for k, p in enumerate((*compiled.phi, *compiled.theta))}
            prepared["circuit"] = circuit
            prepared["columns"] = [column[p] for p in circuit.parameters]
            prepared["sampler"] = SamplerV2(mode=fake_backend(DEVICE))
        values = table.values()[:, prepared["columns"]]
        job = prepared["sampler"].run([(prepared["circuit"], values)], shots=table.shots)
        return job.result()[0].data.spikes.array

    return run


def numpy_draws() -> Run:
    """One float32 a shot and step from NumPy's PCG64: what drawing alone would cost."""
    rng = np.random.Generator(np.random.PCG64(0))

    def run(table: EvaluationTable) -> object:
        for _ in range(10):  # in parts that stay in a cache
            rng.random((table.evaluations // 10, table.shots, table.template.steps), dtype=np.float32)

    return run


def qulacs() -> Run:
    """The ideal circuit in Qulacs: measurement, and an X where it found 1."""
    from qulacs import QuantumCircuit, QuantumState
    from qulacs.gate import CNOT, RX, RZ, Adaptive, Measurement, X

    def run(table: EvaluationTable) -> object:
        spikes = []
        for phi, theta in zip(table.phi[..., 0], table.theta, strict=True):
            circuit = QuantumCircuit(2)
            for t, (ent, angle_in, mem) in enumerate(theta):  # Qulacs turns the other way round
                for gate in (
                    *(RX(0, -phi[t]), RX(0, -np.pi / 2), RX(1, -np.pi / 2), CNOT(0, 1), RX(0, -ent)),
                    *(RZ(1, -ent), CNOT(0, 1), RX(0, np.pi / 2), RX(1, np.pi / 2)),
                    *(RX(0, -angle_in), RX(1, -mem), Measurement(0, t)),
                    Adaptive(X(0), lambda bits, step=t: bits[step] == 1),
                ):
                    circuit.add_gate(gate)
            for _ in range(table.shots):
                state = QuantumState(2)
                circuit.update_quantum_state(state)
                spikes.append([state.get_classical_value(t) for t in range(table.template.steps)])
        return spikes

    return run


def pennylane() -> Run:
    """The ideal circuit in PennyLane's default.qubit, one shot at a time through ``qml.measure``."""
    import pennylane as qml

    def run(table: EvaluationTable) -> object:
        device = qml.device("default.qubit", wires=2)

        @qml.set_shots(table.shots)
        @qml.qnode(device, mcm_method="one-shot")
        def neuron(phi, theta):
            spikes = []
            for t, (ent, angle_in, mem) in enumerate(theta):
                qml.RX(phi[t], wires=0)
                qml.IsingXY(-2 * ent, wires=[0, 1])
                qml.RX(angle_in, wires=0)
                qml.RX(mem, wires=1)
                spikes.append(qml.measure(0, reset=True))
            return [qml.sample(spike) for spike in spikes]

        return [neuron(phi, theta) for phi, theta in zip(table.phi[..., 0], table.theta, strict=True)]

    return run


CONTENDERS: dict[str, Callable[[], Run]] = {
    "pennylane, ideal": pennylane,
    "qulacs, ideal": qulacs,
    "aer, by hand": lambda: by_hand(noisy=False),
    "aer, sqsq": lambda: sqsq_engine("aer"),
    "noisy, SamplerV2": runtime_sampler,
    "noisy, by hand": lambda: by_hand(noisy=True),
    "noisy, by hand, tuned": lambda: by_hand(noisy=True, method="density_matrix", fusion_enable=False),
    "noisy, sqsq": lambda: sqsq_engine(DEVICE, idle_noise=False),
    "noisy and idle, sqsq": lambda: sqsq_engine(DEVICE),
    "exact noisy, numpy": lambda: exact_engine(DEVICE, fast=False),
    "exact noisy, numba": lambda: exact_engine(DEVICE, fast=True),
    "numpy draws": numpy_draws,
}
LONG = {"T = 500 / T = 10, numpy": False, "T = 500 / T = 10, numba": True}
"""Ratios of long trains to short ones, and whether numba draws them."""
NEEDS = {
    "pennylane, ideal": "pennylane",
    "qulacs, ideal": "qulacs",
    "exact noisy, numba": "numba",
    "T = 500 / T = 10, numba": "numba",
}
SLOW = {"pennylane, ideal": 5, "noisy, SamplerV2": 1}
"""Contenders that run only every so many of the rows, or in so many parts."""
QUICK = {"exact noisy, numpy": 100, "exact noisy, numba": 1000, "numpy draws": 1000}
"""Contenders that run the table repeated so many times, in turns: a clock drifts by more than they differ."""


def measure(name: str, arguments: argparse.Namespace) -> float:
    """Evaluations per second of one contender, the median of the repeats."""
    warnings.simplefilter("ignore")
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    run = CONTENDERS[name]()
    run(make_table(2, arguments.shots, arguments.steps))  # imports, transpilation, compilation
    rows = max(arguments.rows // SLOW.get(name, 1), 1)
    repeated = max(QUICK.get(name, 1) * 5 // arguments.shots, 1) if name in QUICK else 1
    table = make_table(rows, arguments.shots, arguments.steps, repeated)
    rates = []
    for _ in range(arguments.repeats):
        start = time.perf_counter()
        run(table)
        rates.append(table.evaluations / (time.perf_counter() - start))
    return float(np.median(rates))


def measure_long_trains(name: str, arguments: argparse.Namespace) -> float:
    """Shots x steps per CPU second at T = 500 over those at T = 10."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    run = ExactEngine("exact", circuits_of(DEVICE, idle_noise=False), 0, fast=LONG[name]).run
    repeated = max((50 if LONG[name] else 10) * 5 // arguments.shots, 1)
    short, long = (make_table(arguments.rows, arguments.shots, steps, repeated) for steps in (10, 500))
    ratios = []
    for turn in range(2 * arguments.repeats + 1):
        seconds = []
        for table in (short, long):
            start = time.process_time()
            run(table)
            seconds.append((time.process_time() - start) / (table.evaluations * table.template.steps))
        if turn:  # the first compiles
            ratios.append(seconds[0] / seconds[1])
    return float(np.median(ratios))


def main() -> None:
    """Run every contender in a process of its own and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--shots", type=int, default=5)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5, help="how often the quick contenders take turns")
    everything = [*CONTENDERS, *LONG]
    parser.add_argument("--contenders", nargs="+", choices=everything, default=everything)
    parser.add_argument("--only", choices=everything, help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if arguments.only:
        chosen = measure_long_trains if arguments.only in LONG else measure
        print(chosen(arguments.only, arguments))
        return
    own = [f"--{name}={getattr(arguments, name)}" for name in ("rows", "shots", "steps", "repeats")]
    found: dict[str, list[float]] = {}

    def run_alone(name: str) -> float:
        command = [sys.executable, __file__, *own, "--only", name]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    present = [
        name for name in arguments.contenders if name not in NEEDS or find_spec(NEEDS[name]) is not None
    ]
    for turn in range(arguments.rounds):
        for name in present:
            if name not in CONTENDERS or (turn > 0 and name not in QUICK):
                continue
            rate = run_alone(name)
            print(f"{name:24}{rate:14,.0f} evaluations/s", flush=True)
            found.setdefault(name, []).append(rate)
    rates = {name: float(np.median(each)) for name, each in found.items()}
    ratios = {
        f"{one} / {other}": rates[one] / rates[other]
        for one, other in (
            ("aer, sqsq", "aer, by hand"),
            ("noisy, sqsq", "noisy, by hand"),
            ("noisy, sqsq", "noisy, by hand, tuned"),
            ("noisy, sqsq", "noisy, SamplerV2"),
            ("exact noisy, numpy", "noisy and idle, sqsq"),
            ("exact noisy, numba", "noisy and idle, sqsq"),
            ("exact noisy, numpy", "noisy, sqsq"),
            ("exact noisy, numba", "noisy, sqsq"),
            ("exact noisy, numba", "numpy draws"),
        )
        if one in rates and other in rates
    }
    ratios |= {name: run_alone(name) for name in LONG if name in present}
    for name, ratio in ratios.items():
        print(f"{name:44}{ratio:12,.2f}")
    if arguments.json:
        report = {"evaluations_per_second": rates, "ratios": ratios}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
