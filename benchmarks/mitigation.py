"""Errors of estimated spike probabilities, measured and predicted, with and without mitigation.

    python benchmarks/mitigation.py --backend exact:fake_brisbane --ansatz partial-swap

Random neurons, the same number of shots an estimate in all: over the noise scales, and what a calibration
takes is shared by the estimates of all neurons and taken from their shots. ``auto`` is what the advice,
which sees no shot, chooses.
"""

import argparse
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from sqsq.engines import BackendChoice, open_simulator
from sqsq.estimation import calibrate, measure
from sqsq.jobs import drive
from sqsq.mitigation import (
    Budget,
    advise,
    automatic_candidates,
    describe,
    exact_probabilities,
    noise_model_of,
    predict,
    usual_candidates,
)
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template


def main() -> None:
    """Measure, predict, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", default="exact:fake_brisbane")
    parser.add_argument("--ansatz", default="partial-swap")
    parser.add_argument("--neurons", type=int, default=10)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--shots", default="5,100,1000,20000")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    neuron = Neuron(ansatz=arguments.ansatz)
    template = Template(neuron, arguments.steps)
    theta = np.repeat(rng.uniform(-np.pi, np.pi, (arguments.neurons, 1, 3)), arguments.steps, axis=1)
    phi = rng.uniform(0, np.pi, (arguments.neurons, *template.phi_shape))
    table = EvaluationTable(template, phi, theta, 1)
    held = np.ones(phi.shape, np.uint8)
    choice = BackendChoice(arguments.backend, arguments.seed)
    engine = open_simulator(choice)
    noisy, ideal = noise_model_of(choice, engine, template)
    candidates = list(dict.fromkeys([*usual_candidates(), *automatic_candidates()]))
    exact = exact_probabilities(noisy, ideal, table, candidates, rows=arguments.neurons)
    for shots in map(int, arguments.shots.split(",")):
        # one shot in a hundred goes to the calibration, which reads every step of both states
        spent = max(shots // 100, 1)
        readings = spent * arguments.neurons * arguments.steps // 2
        budget = Budget(shots, readings, spent)
        advice = advise(exact, held, automatic_candidates(), budget, thresholds=False)
        auto = advice.best.mitigation
        print(f"\n{shots:,} shots an estimate; auto: {describe(auto)}")
        print(f"{'':46}{'mean abs':>10}{'to raw':>8}{'RMSE':>10}{'predicted':>11}{'ratio':>7}")
        raw = None
        for mitigation in candidates:
            left = budget.left(mitigation)
            if left < len(mitigation.noise_scales):
                continue
            errors = []
            for repeat in range(arguments.repeats):
                key = (shots, describe(mitigation), repeat)
                calibrations = []
                if mitigation.corrects:
                    step = calibrate(
                        neuron,
                        arguments.steps,
                        readings,
                        backend=engine.name,
                        taken_at=datetime.now(UTC),
                        key=key,
                    )
                    calibrations.append(drive(step, engine)[0])
                asked = replace(table, shots=left, key=key)
                hits, _ = drive(measure(asked, held, "marginal", mitigation, calibrations), engine)
                errors.append((hits.hits / left).clip(0, 1) - exact.ideal[..., 1])
            absolute, square = np.abs(errors).mean(), np.sqrt(np.square(errors).mean())
            raw = raw or absolute
            found = predict(mitigation, exact, held, left, readings, draws=256)
            print(
                f"{describe(mitigation):42}{' <--' if mitigation == auto else '':4}{absolute:10.4f}"
                f"{absolute / raw:8.2f}{square:10.4f}{found.rmse:11.4f}{found.rmse / square:7.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
