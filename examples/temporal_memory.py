"""Recall the previous bit: partial swaps can, neurons of controlled rotations cannot.

python examples/temporal_memory.py
"""

import numpy as np

import sqsq
from sqsq.data import DelayedTask, best_without_memory, draw_sequences
from sqsq.inference import answer
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

TASK = DelayedTask("recall", delay=1, steps=6)


def main(iterations: int = 60) -> dict[str, float]:
    print(f"best possible without memory: {best_without_memory(TASK):.3f}")
    accuracies = {}
    for ansatz in ("io-controlled", "memory-controlled", "partial-swap"):
        accuracies[ansatz] = learn(ansatz, iterations)
        print(f"{ansatz}: recalls {accuracies[ansatz]:.3f} of the bits, single-shot")
    return accuracies


def learn(ansatz: str, iterations: int) -> float:
    """Train one neuron by the local rule with exact gradients; answer fresh sequences."""
    rng = np.random.default_rng(0)
    network = sqsq.fully_connected(1, (1,), sqsq.Neuron(ansatz=ansatz))
    start = sqsq.Parameters(np.array([[[0.6], [0.0]]]), np.array([[0.7, 0.1, -0.1]]))
    problem = TrainingProblem(
        network,
        FixedSequences(draw_sequences(TASK, 200, rng)),
        batch_size=50,
        rule=IdealRule(IdealRuleSettings(estimator="prefix")),
        optimiser=Optimiser("adam", lr=0.1, lr_theta=0.1),
        seed=0,
    )
    state, engine = start_training(problem, start), sqsq.open_engine("exact")
    for _ in range(iterations):
        (state, _), _ = drive(training_step(problem, state), engine)
    right, _ = drive(answer(network, state.parameters, draw_sequences(TASK, 500, rng)), engine)
    return right


if __name__ == "__main__":
    main()
