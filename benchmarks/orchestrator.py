"""What the orchestrator costs over running the same tables directly on the engine.

    python benchmarks/orchestrator.py [--backend fake_brisbane]

One iteration's tables of ``train-usps`` are run directly, cut into the same chunks, and through the ledger,
in turns in one process. The figure is the median of the ratios.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from sqsq import EvaluationTable, Neuron, Template
from sqsq.engines import BackendChoice, open_simulator
from sqsq.jobs import Ledger, Resources, make_runner, tell_nobody
from sqsq.jobs.chunks import cut_table
from sqsq.jobs.resources import LOCAL_SECONDS


def make_table(iteration: int, rows: int) -> EvaluationTable:
    """An iteration's table: 5 shots a row, random angles."""
    rng = np.random.default_rng(iteration)
    template = Template(Neuron(), 10)
    phi = rng.uniform(0, np.pi, (rows, *template.phi_shape))
    theta = np.broadcast_to(rng.uniform(-1, 1, template.theta_shape[1]), (rows, *template.theta_shape))
    return EvaluationTable(template, phi, theta, 5, ("iteration", iteration))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", default="fake_brisbane")
    parser.add_argument("--iterations", type=int, default=15)
    parser.add_argument("--rows", type=int, default=440, help="20 images, 2 neurons, 11 rows each")
    arguments = parser.parse_args()
    choice = BackendChoice(arguments.backend)
    engine = open_simulator(choice)
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.sqlite", durable=False)
        runner = make_runner(
            choice,
            engine,
            Resources(),
            job_seconds=None,
            ledger=ledger,
            run="benchmark",
            tell=tell_nobody,
        )
        warm = make_table(10**6, arguments.rows)
        size = engine.rows_per_chunk(warm, LOCAL_SECONDS)
        engine.run(warm)  # transpile
        for iteration in range(arguments.iterations):
            table = make_table(iteration, arguments.rows)
            start = time.perf_counter()
            direct = [engine.run(part) for _, part in cut_table(table, size)]
            whole = time.perf_counter()
            engine.run(table)
            uncut = time.perf_counter()
            spikes = runner.run(table)
            ledger.drop_results()
            end = time.perf_counter()
            assert (np.concatenate(direct) == spikes).all()
            ratios.append(((end - uncut) / (whole - start), (end - uncut) / (uncut - whole)))
        ledger.close()
    same, uncut_ratio = np.median(ratios, axis=0)
    print(f"orchestrator / the same chunks directly: {same:.3f}")
    print(f"orchestrator / each table in one call:   {uncut_ratio:.3f}")


if __name__ == "__main__":
    main()
