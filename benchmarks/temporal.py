"""What neurons remember: temporal tasks, learned with exact local gradients, answered in single shots.

    python benchmarks/temporal.py --json temporal.json

Every model has the same network (one hidden layer of eight; none for the digits 4 and 9 row by row, where so
few updates do not train one), as many parameters (the chain of two memory qubits two more a neuron), starts
near the identity, and sees the same sequences and numbers of updates; LIF neurons, which learn slowly, are
trained eight times longer as well. Accuracy is that of sequences not trained on, every neuron run once. A
task's first line names the best that any network can reach without memory: exact for recall and xor; for
digits nobody knows it, and the memory that is reset at every step stands for it.
"""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sqsq.data import (
    DelayedTask,
    Sequences,
    best_without_memory,
    choose_digits,
    digit_rows,
    draw_sequences,
    load_dataset,
)
from sqsq.engines import Engine
from sqsq.engines.ablations import Ablation, ablated_circuits
from sqsq.engines.exact import ExactEngine
from sqsq.engines.ideal import ideal_circuit
from sqsq.engines.lif import LifEngine
from sqsq.estimation import Estimator
from sqsq.inference import answer, classify
from sqsq.jobs import drive
from sqsq.learning import (
    FixedSequences,
    IdealRule,
    IdealRuleSettings,
    Optimiser,
    TrainingProblem,
    start_training,
    training_step,
)
from sqsq.model import LIF, Network, Neuron, Parameters, fully_connected, initial_parameters

STEPS = 8
HIDDEN = 8
DIGITS = (4, 9)
STORING = ("ent", "shift", "leak")
"""The angles that decide how much is stored; training fails often where they start at 0."""


@dataclass(frozen=True)
class Model:
    """A neuron, what is done to its memory, and how many times the usual number of updates it gets."""

    neuron: Neuron
    ablation: Ablation | None = None
    patience: int = 1

    def engine(self, seed: int) -> Engine:
        """What runs it."""
        if self.neuron == LIF:
            return LifEngine(seed)
        source = ideal_circuit if self.ablation is None else ablated_circuits(ideal_circuit, self.ablation)
        return ExactEngine("exact", source, seed)


MODELS = {
    "io-controlled": Model(Neuron(ansatz="io-controlled")),
    "memory-controlled": Model(Neuron(ansatz="memory-controlled")),
    "partial-swap": Model(Neuron()),
    "partial-swap, reset": Model(Neuron(), "reset"),
    "partial-swap, measured": Model(Neuron(), "measured"),
    "chain of two": Model(Neuron(1, 2, "partial-swap-chain")),
    "LIF": Model(LIF),
    "LIF, eight times longer": Model(LIF, patience=8),
}


@dataclass(frozen=True, eq=False)
class Task:
    """A task with its sequences; ``classes`` are those of the test sequences, for digits."""

    train: Sequences
    test: Sequences
    best_without_memory: float | None
    classes: np.ndarray | None = None


def make_task(name: str, sequences: int, seed: int) -> Task:
    """``recall-1``, ``xor-1`` and so on, or ``digits``."""
    rng = np.random.default_rng([seed, 0])
    if name == "digits":
        data = choose_digits(load_dataset("digits"), DIGITS)
        train, test = (digit_rows(split, 8, len(DIGITS), "rate", rng) for split in (data.train, data.test))
        return Task(train, test, None, data.test.labels)
    rule, delay = name.split("-")
    task = DelayedTask(rule, int(delay), STEPS)
    return Task(*(draw_sequences(task, sequences, rng) for _ in range(2)), best_without_memory(task))


def start(network: Network, active_inputs: float, rng: np.random.Generator) -> Parameters:
    """Parameters near the identity: what stores is uniform in (0, pi/2), the rest is N(0, 0.1)."""
    parameters = initial_parameters(network, active_inputs, rng)
    theta = rng.normal(0, 0.1, parameters.theta.shape)
    for i, neuron in enumerate(network.neurons):
        for k, angle in enumerate(neuron.angles):
            if angle.name.startswith(STORING):
                theta[i, k] = rng.uniform(0, np.pi / 2)
    return Parameters(parameters.weights, theta)


def accuracy(task: Task, model: Model, seed: int, arguments: argparse.Namespace) -> float:
    """Train one network and answer the test sequences."""
    inputs, targets = task.train.inputs, task.train.targets
    hidden = (HIDDEN,) if task.classes is None else ()
    network = fully_connected(inputs.shape[2], (*hidden, targets.shape[2]), model.neuron)
    # an output neuron held to its class at every step would know it from its own past
    estimator: Estimator = "prefix" if task.classes is None else "marginal"
    problem = TrainingProblem(
        network,
        FixedSequences(task.train),
        arguments.batch_size if hidden else arguments.batch_size * arguments.m,
        IdealRule(IdealRuleSettings(m=arguments.m if hidden else 1, estimator=estimator)),
        Optimiser("adam", arguments.lr, arguments.lr_theta),
        seed,
    )
    rng = np.random.default_rng([seed, 1])
    state = start_training(problem, start(network, float(inputs.sum(axis=2).mean()), rng))
    engine = model.engine(seed)
    for _ in range(model.patience * arguments.iterations):
        (state, _), _ = drive(training_step(problem, state), engine)
    if task.classes is None:
        right, _ = drive(answer(network, state.parameters, task.test), engine)
        return right
    evaluation, _ = drive(classify(network, state.parameters, task.test.inputs, task.classes, rng), engine)
    return evaluation.accuracy


def main() -> None:
    """Run the comparison and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", default="recall-1,recall-2,xor-1,digits")
    parser.add_argument("--models", default=";".join(MODELS), help="separated by semicolons")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sequences", type=int, default=2000, help="to train on, and as many to answer")
    parser.add_argument("--iterations", type=int, default=150)
    parser.add_argument("--m", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=10)
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--lr-theta", type=float, default=0.05)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    table: dict[str, dict[str, list[float]]] = {}
    for name in arguments.tasks.split(","):
        tasks = [make_task(name, arguments.sequences, seed) for seed in range(arguments.seeds)]
        best = tasks[0].best_without_memory
        known = "not known exactly" if best is None else f"{best:.3f}"
        print(f"{name}: the best possible without memory is {known}")
        table[name] = {}
        for model in arguments.models.split(";"):
            begin = time.perf_counter()
            runs = [accuracy(task, MODELS[model], seed, arguments) for seed, task in enumerate(tasks)]
            table[name][model] = runs
            spread = f"{np.mean(runs):.3f} ±{np.std(runs):.3f} (worst {min(runs):.3f}, best {max(runs):.3f})"
            print(f"  {model:24}{spread}  {time.perf_counter() - begin:6.1f} s", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
