"""Compiling a whole network into one dynamic circuit: time, memory, and the angles of new parameters.

    python benchmarks/fused.py

Three layers of 18 neurons, fan-in 3, T = 10, placed on fake_brisbane, unless the options say otherwise.
"""

import argparse
import resource
import time

import numpy as np

from sqsq import Neuron, network_from_edges
from sqsq.circuits.fused import fuse
from sqsq.circuits.fused_site import device_site
from sqsq.engines.fake import fake_backend
from sqsq.model import Parameters
from sqsq.tables.fused_plan import plan_fused
from sqsq.tables.lowering import Lowering

LINES, FAN_IN = 4, 3


def make_network(width: int, rng: np.random.Generator):
    """Random edges between layers, some weights negative."""
    edges = [(k % LINES, k) for k in range(width)]
    for layer in (1, 2):
        for k in range(width):
            sources = rng.choice(width, min(FAN_IN, width), replace=False)
            edges += [(LINES + (layer - 1) * width + int(source), layer * width + k) for source in sources]
    neurons = [Neuron()] * (3 * width)
    network = network_from_edges(LINES, neurons, edges, range(2 * width, 3 * width))
    weights = rng.uniform(-0.4, 0.6, (len(neurons), network.sources, 1)) * (network.delays != -1)[..., None]
    return network, Parameters(weights, rng.uniform(-0.5, 0.5, (len(neurons), 3)))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=int, default=18)
    parser.add_argument("--steps", type=int, default=10)
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    network, parameters = make_network(arguments.width, rng)
    inputs = rng.integers(0, 2, (1, arguments.steps, LINES), dtype=np.uint8)
    device = fake_backend("fake_brisbane")
    forms: tuple[Lowering | None, ...] = (None, "moebius", "patterns")
    for form in forms:
        start = time.perf_counter()
        plan = plan_fused(network, parameters, inputs, form=form).plan
        fused = fuse(plan, device_site(network.neurons, device))
        compiled = time.perf_counter() - start
        start = time.perf_counter()
        nearby = Parameters(parameters.weights * 1.001, parameters.theta + 0.1)
        fused.values(plan_fused(network, nearby, inputs, form=form))
        bound = time.perf_counter() - start
        print(
            f"{form or 'the cheaper':12} {compiled:6.1f} s, new parameters {1e3 * bound:5.1f} ms, "
            f"{plan.conditionals} conditional rotations a step, {fused.circuit.size():,} operations"
        )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
