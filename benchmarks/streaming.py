"""Peak memory of the exact engine on a table whose spikes do not fit.

    python benchmarks/streaming.py [--evaluations 10000000]

Each chunk of spikes is summed before the next is drawn.
"""

import argparse
import resource
import time

import numpy as np

from sqsq import EvaluationTable, Neuron, Template, open_engine


def main() -> None:
    """Run the table and print the peak resident memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evaluations", type=int, default=10_000_000)
    parser.add_argument("--shots", type=int, default=5)
    arguments = parser.parse_args()
    template = Template(Neuron(), 10)
    rows = arguments.evaluations
    phi = np.random.default_rng(0).random((rows, *template.phi_shape))
    phi *= np.pi
    theta = np.broadcast_to([0.4, 0.1, -0.2], (rows, *template.theta_shape))
    engine = open_engine("exact:fake_brisbane")
    table = EvaluationTable(template, phi, theta, arguments.shots)
    engine.prepare(template)
    start = time.perf_counter()
    total = np.zeros(template.phi_shape)
    for _, spikes in engine.stream(table):
        total += spikes.sum(axis=(0, 1), dtype=np.int64)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{rows:,} evaluations of {arguments.shots} shots: {seconds:.1f} s, peak {peak:.2f} GiB")
    print("spikes per shot and step:", np.round(total[:, 0] / rows / arguments.shots, 4))


if __name__ == "__main__":
    main()
