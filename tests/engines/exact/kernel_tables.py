"""Tables for comparing the kernels: all lengths, shots, shared and own instruments, odd angles."""

import numpy as np

from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template

ANSATZE = ("partial-swap", "memory-controlled", "io-controlled")


def kernel_tables(seed, spikes):
    """Six tables of about so many spikes each, the instruments in each of the ways they come."""
    rng = np.random.default_rng(seed)
    for number, kind in enumerate(("shared", "by step", "by row", "some", "all", "certain")):
        steps = int(rng.choice([1, 2, 7, 8, 9, 10, 11, 20, 31, 32, 33, 64, 100, 300]))
        shots = int(min(rng.choice([1, 2, 5, 40, 300, 700]), spikes // steps))
        rows = max(min(spikes // (steps * shots), 500 if kind == "by row" else spikes), 1)
        template = Template(Neuron(ansatz=ANSATZE[(seed + number) % 3]), steps)
        phi = rng.uniform(-1, 4, (rows, steps, 1)) * rng.choice([1, 1, 1, 1e3, 1e9, 1e12], (rows, 1, 1))
        theta = rng.uniform(-2, 2, {"by step": (1, steps, 3), "by row": (rows, 1, 3)}.get(kind, (1, 1, 3)))
        if kind == "some":
            theta = rng.integers(-1, 2, (rows, steps, 3)) * 0.7
        elif kind == "all":
            rows = min(rows, max(400 // steps, 1))
            phi = phi[:rows]
            theta = rng.uniform(-2, 2, (rows, steps, 3))
        elif kind == "certain":
            phi = rng.choice([0, np.pi / 2, np.pi], phi.shape)
            theta = rng.choice([0, np.pi / 2, np.pi], (1, 1, 3))
        yield EvaluationTable(template, phi, np.broadcast_to(theta, (rows, steps, 3)), shots)
