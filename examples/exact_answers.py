"""Ask the exact engine what a neuron does, without a shot.

python examples/exact_answers.py
"""

import numpy as np

import sqsq
from sqsq.engines.exact import ExactEngine, inspect_neuron, joint, marginals


def main() -> None:
    template = sqsq.Template(sqsq.Neuron(), steps=3)
    phi = np.pi * np.array([0.8, 0.1, 0.0]).reshape(1, 3, 1)
    theta = np.broadcast_to([1.2, 0.0, 0.0], (1, 3, 3))
    table = sqsq.EvaluationTable(template, phi, theta, shots=1)
    for name in ("exact", "exact:fake_brisbane"):
        engine = sqsq.open_engine(name)
        assert isinstance(engine, ExactEngine)
        print(f"{name}: p(spike) at each step", marginals(engine, table)[0, :, 1].round(4))
        print(f"{name}: p(0 1 0) =", joint(engine, table)[0, 0, 1, 0].round(4))
    found = inspect_neuron(template.neuron)
    print(
        "a partial swap moves p(spike) this far, inputs 0, 1, 2 ... steps before:",
        found.input_memory.round(3),
    )


if __name__ == "__main__":
    main()
