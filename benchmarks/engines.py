"""Evaluations per second of the engines and of what users would write by hand.

    python benchmarks/engines.py [--json engines.json]

Every contender runs the same table (same circuit, same angles, same shots) in a process of its own,
one after the other; each figure is the median of the repeats. What matters are the ratios.
"""

import argparse
import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from sqsq import EvaluationTable, Neuron, Template, neuron_circuit, open_engine
from sqsq.circuits import cut_circuit, transpile_for_device, transpile_ideal, used_qubits

DEVICE = "fake_brisbane"


def make_table(rows: int, shots: int, steps: int) -> EvaluationTable:
    rng = np.random.default_rng(0)
    template = Template(Neuron(), steps)
    phi = rng.uniform(0, np.pi, (rows, *template.phi_shape))
    theta = rng.uniform(-1, 1, (rows, *template.theta_shape))
    return EvaluationTable(template, phi, theta, shots)


def sqsq_engine(name: str, **options: bool) -> Callable[[EvaluationTable], object]:
    engine = open_engine(name, **options)
    return engine.run


def by_hand(noisy: bool, **options: object) -> Callable[[EvaluationTable], object]:
    """``AerSimulator.run(parameter_binds=...)`` with the noise of the qubits in use."""
    from qiskit_aer import AerSimulator

    from sqsq.engines.aer import noise_model
    from sqsq.engines.fake import fake_backend
    from sqsq.engines.noise import cut_target, with_device_errors

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


def runtime_sampler() -> Callable[[EvaluationTable], object]:
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


CONTENDERS: dict[str, Callable[[], Callable[[EvaluationTable], object]]] = {
    "aer, by hand": lambda: by_hand(noisy=False),
    "aer, sqsq": lambda: sqsq_engine("aer"),
    "noisy, SamplerV2": runtime_sampler,
    "noisy, by hand": lambda: by_hand(noisy=True),
    "noisy, by hand, tuned": lambda: by_hand(
        noisy=True, method="density_matrix", fusion_enable=False, max_parallel_experiments=0
    ),
    "noisy, sqsq": lambda: sqsq_engine(DEVICE, idle_noise=False),
    "noisy and idle, sqsq": lambda: sqsq_engine(DEVICE),
}


def measure(name: str, arguments: argparse.Namespace) -> float:
    """Evaluations per second of one contender, the median of the repeats."""
    warnings.simplefilter("ignore")
    run = CONTENDERS[name]()
    run(make_table(2, arguments.shots, arguments.steps))  # imports, transpilation
    table = make_table(arguments.rows, arguments.shots, arguments.steps)
    rates = []
    for _ in range(arguments.repeats):
        start = time.perf_counter()
        run(table)
        rates.append(table.evaluations / (time.perf_counter() - start))
    return float(np.median(rates))


def main() -> None:
    """Run every contender in a process of its own and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--shots", type=int, default=5)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if arguments.only:
        print(measure(arguments.only, arguments))
        return
    own = [f"--{name}={getattr(arguments, name)}" for name in ("rows", "shots", "steps", "repeats")]
    rates = {}
    for name in CONTENDERS:
        command = [sys.executable, __file__, *own, "--only", name]
        rates[name] = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(f"{name:24}{rates[name]:10.0f} evaluations/s", flush=True)
    ratios = {
        "aer: sqsq / by hand": rates["aer, sqsq"] / rates["aer, by hand"],
        "noisy: sqsq / by hand": rates["noisy, sqsq"] / rates["noisy, by hand"],
        "noisy: sqsq / by hand, tuned": rates["noisy, sqsq"] / rates["noisy, by hand, tuned"],
        "noisy: sqsq / SamplerV2": rates["noisy, sqsq"] / rates["noisy, SamplerV2"],
        "noisy and idle: sqsq / SamplerV2": rates["noisy and idle, sqsq"] / rates["noisy, SamplerV2"],
    }
    for name, ratio in ratios.items():
        print(f"{name:34}{ratio:8.2f}")
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"evaluations_per_second": rates, "ratios": ratios}, indent=2) + "\n"
        )


if __name__ == "__main__":
    main()
