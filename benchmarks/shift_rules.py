"""Validation accuracy per execution of the rules for the gradients of angles, or of weights.

    python benchmarks/shift_rules.py --data-dir FOLDER --json shift_rules.json
    python benchmarks/shift_rules.py --data-dir FOLDER --vary weights --digits 4,9

Each rule trains on some USPS digits until it has used the same number of executions, on four fifths of
the training images, and is evaluated on the other fifth. Test images are not looked at.
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np

from sqsq import train_usps
from sqsq.runs import settings_with

RULES = {
    "shift": ("sampled", "spsa", "exact", "paper"),
    "weights": ("spsa", "masked-spsa", "node", "current-shift", "sampled-shift"),
}
BUDGETS = "17000,34000,68000,136000"
"""Executions of training at which accuracies are compared: 5 to 40 iterations at the paper's price."""


def accuracies(rule: str, seed: int, budgets: list[int], arguments: argparse.Namespace) -> list[float]:
    """Validation accuracy of one run at each budget."""
    values = {
        "backend": arguments.backend,
        "data": arguments.data,
        "data_dir": arguments.data_dir,
        "ansatz": arguments.ansatz,
        "classes": tuple(arguments.digits.split(",")),
        arguments.vary: rule,
        "seed": seed,
        "evaluate_on": "validation",
    }
    own = ("m", "m_syn", "m_p", "optimizer", "lr", "lr_theta", "batch_size")
    values |= {name: getattr(arguments, name) for name in own if getattr(arguments, name) is not None}
    settings = settings_with("local", values)
    first = train_usps(settings, iterations=5, eval_every=5, test_size=1)
    per_iteration = first.usage.executions / 5  # about: what does not matter is not shifted
    iterations = [max(int(budget / per_iteration), 1) for budget in budgets]
    run = train_usps(settings, iterations=iterations[-1], eval_every=math.gcd(*iterations))
    return [run.metrics[iteration - 1].accuracy for iteration in iterations]


def main() -> None:
    """Run the comparison and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", default="aer")
    parser.add_argument("--data", default="usps")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--ansatz", default="partial-swap")
    parser.add_argument("--digits", default="1,7")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--vary", default="shift", choices=RULES)
    parser.add_argument("--rules", help="separated by commas; all if not given")
    for name in ("m", "m-syn", "m-p", "batch-size"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--optimizer")
    for name in ("lr", "lr-theta"):
        parser.add_argument(f"--{name}", type=float)
    parser.add_argument("--budgets", default=BUDGETS)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    budgets = [int(budget) for budget in arguments.budgets.split(",")]
    table = {}
    print(f"{'rule':14}", *(f"{budget:>16,}" for budget in budgets), " executions")
    rules = arguments.rules.split(",") if arguments.rules else RULES[arguments.vary]
    for rule in rules:
        runs = np.array([accuracies(rule, seed, budgets, arguments) for seed in range(arguments.seeds)])
        table[rule] = runs.tolist()
        cells = (f"{mean:9.4f} ±{std:.4f}" for mean, std in zip(runs.mean(0), runs.std(0), strict=True))
        print(f"{rule:14}", *cells, flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps({"budgets": budgets, "accuracies": table}, indent=2) + "\n")


if __name__ == "__main__":
    main()
