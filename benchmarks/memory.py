"""Memory of a training step and of an evaluation of a wide network: the peak of a process of its own.

    python benchmarks/memory.py --hidden 1000 --batch-size 20 --m 5

Examples are random: only sizes matter. Without --hidden the same for no hidden layer.
"""

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np

import sqsq
from sqsq.data import RateCode, Split
from sqsq.jobs import drive
from sqsq.training import Problem, evaluate_trainer

PIXELS, CLASSES = 784, 10


def peak() -> float:
    """The largest resident set so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(arguments: argparse.Namespace) -> dict[str, float]:
    """Peak memory before, and after what was asked for."""
    rng = np.random.default_rng(0)
    examples = Split(
        rng.random((arguments.examples, PIXELS)) * 0.3, rng.integers(CLASSES, size=arguments.examples)
    )
    problem = Problem(PIXELS, tuple(map(str, range(CLASSES))), RateCode(), examples)
    changes = {
        "m": arguments.m,
        "batch_size": arguments.batch_size,
        "backend": "exact",
        "shift": arguments.shift,
    }
    if arguments.hidden:
        changes["hidden"] = (arguments.hidden,)
    if arguments.model == "ideal":
        del changes["shift"]
    settings = sqsq.settings_with(arguments.model, changes)
    trainer = settings.kind.make_trainer(settings.trainer, problem, 0)
    engine = sqsq.open_engine("exact")
    engine.prepare(trainer.template)
    state = trainer.init()
    before, begin = peak(), time.perf_counter()
    if arguments.what == "step":
        drive(trainer.step(state, 0), engine)
    else:
        drive(evaluate_trainer(trainer, state, examples, CLASSES, rng, ("memory",)), engine)
    return {"before": before, "peak": peak(), "seconds": time.perf_counter() - begin}


def main() -> None:
    """Measure each of both in a process of its own, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--what", choices=["step", "evaluation"])
    parser.add_argument("--model", default="local", choices=["local", "ideal"])
    parser.add_argument("--hidden", type=int, default=0)
    parser.add_argument("--batch-size", type=int, default=20)
    parser.add_argument("--m", type=int, default=5)
    parser.add_argument("--shift", default="spsa")
    parser.add_argument("--examples", type=int, default=10_000)
    arguments = parser.parse_args()
    if arguments.what:
        print(json.dumps(measure(arguments)))
        return
    for what in ("step", "evaluation"):
        command = [sys.executable, __file__, *sys.argv[1:], "--what", what]
        found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        print(
            f"{what:12}{found['peak']:8.0f} MiB at most ({found['before']:.0f} before it), "
            f"{found['seconds']:.1f} s"
        )


if __name__ == "__main__":
    main()
