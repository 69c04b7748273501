"""Time per evaluation of the exact engine as the neuron grows, against the theory.

    python benchmarks/neuron_size.py [--json neuron_size.json]

A dense step multiplies vectors of 4^(N^M) numbers by matrices, one for each of 2^N spike patterns, and
builds these from 3^N terms: the theory counts 16^(N^M) 2^N 3^N. NumPy kernel, one pinned core, ideal
gates, 5 shots, T = 10.
"""

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np

from sqsq import EvaluationTable, Neuron, Template
from sqsq.engines.circuit_sources import circuits_of
from sqsq.engines.exact import ExactEngine


def seconds_per_evaluation(neuron: Neuron, rows: int, steps: int, repeats: int) -> float:
    template = Template(neuron, steps)
    rng = np.random.default_rng(0)
    phi = rng.uniform(0, np.pi, (rows, *template.phi_shape))
    theta = np.broadcast_to(rng.uniform(-1, 1, template.theta_shape[1]), (rows, *template.theta_shape))
    table = EvaluationTable(template, phi, theta, 5)
    engine = ExactEngine("exact", circuits_of("", idle_noise=True), 0, fast=False)
    engine.run(table)
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        engine.run(table)
        times.append((time.perf_counter() - start) / rows)
    return float(np.median(times))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--rows", type=int, default=20_000, help="of the smallest neuron")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    table = []
    base = None
    print("  N  N^M   us/evaluation   relative   theory")
    for io in (1, 2):
        for memory in (1, 2, 3):
            theory = 16**memory * 2**io * 3**io
            rows = max(arguments.rows * 96 // theory, min(arguments.rows, 50))
            measured = seconds_per_evaluation(Neuron(io, memory), rows, arguments.steps, arguments.repeats)
            base = base or (measured, theory)
            entry = {
                "io_qubits": io,
                "memory_qubits": memory,
                "seconds": measured,
                "relative": measured / base[0],
                "theory": theory / base[1],
            }
            table.append(entry)
            print(
                f"{io:3}{memory:5}{measured * 1e6:16.2f}{entry['relative']:11.1f}{entry['theory']:9.0f}",
                flush=True,
            )
    if arguments.json:
        arguments.json.write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
