"""Compiling a whole network into one dynamic circuit: time, memory, and the angles of new parameters.

    python benchmarks/fused.py

Three layers of 18 neurons, fan-in 3, T = 10, placed on fake_brisbane.
"""

import resource
import time

import numpy as np

from sqsq import Neuron, network_from_edges
from sqsq.circuits.fused import fuse, plan_fused
from sqsq.circuits.fused_site import device_site
from sqsq.circuits.lowering import Lowering
from sqsq.engines.fake import fake_backend
from sqsq.model import Parameters

WIDTH, LINES, STEPS, FAN_IN = 18, 4, 10, 3


def make_network(rng: np.random.Generator):
    """Random edges between layers, some weights negative."""
    edges = [(k % LINES, k) for k in range(WIDTH)]
    for layer in (1, 2):
        for k in range(WIDTH):
            sources = rng.choice(WIDTH, FAN_IN, replace=False)
            edges += [(LINES + (layer - 1) * WIDTH + int(source), layer * WIDTH + k) for source in sources]
    neurons = [Neuron()] * (3 * WIDTH)
    network = network_from_edges(LINES, neurons, edges, range(2 * WIDTH, 3 * WIDTH))
    weights = rng.uniform(-0.4, 0.6, (len(neurons), network.sources, 1)) * (network.delays != -1)[..., None]
    return network, Parameters(weights, rng.uniform(-0.5, 0.5, (len(neurons), 3)))


def main() -> None:
    """Measure and print."""
    rng = np.random.default_rng(0)
    network, parameters = make_network(rng)
    inputs = rng.integers(0, 2, (1, STEPS, LINES), dtype=np.uint8)
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
