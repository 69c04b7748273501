"""Train two neurons to tell handwritten ones from sevens, in Python.

python examples/train_usps.py
"""

import sqsq
from tests.runs_for_tests import on_iterations


def main(iterations: int = 40) -> sqsq.TrainUspsSettings:
    run = sqsq.train_usps(data="digits", iterations=iterations, on_event=on_iterations(report))
    print(f"single-shot test accuracy {run.accuracy:.3f}, {run.usage.executions:,} executions")
    noisy = sqsq.train_usps(run.settings, backend="fake_brisbane", iterations=max(iterations // 4, 1))
    print(f"trained on fake_brisbane: {noisy.accuracy:.3f}")
    return run.settings


def report(metrics):
    if metrics.accuracy is not None:
        print(
            f"iteration {metrics.iteration}: loss {metrics.loss_bound:.2f}, accuracy {metrics.accuracy:.3f}"
        )


if __name__ == "__main__":
    main()
