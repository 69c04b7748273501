"""Train two neurons to tell handwritten ones from sevens, in Python.

python examples/train_usps.py
"""

import sqsq
from sqsq.training import IterationDone


def main(iterations: int = 40) -> sqsq.RunSettings:
    run = sqsq.train_usps(data="digits", iterations=iterations, on_event=report)
    print(f"single-shot test accuracy {run.accuracy:.3f}, {run.usage.executions:,} executions")
    noisy = sqsq.train_usps(run.settings, backend="fake_brisbane", iterations=max(iterations // 4, 1))
    print(f"trained on fake_brisbane: {noisy.accuracy:.3f}")
    return run.settings


def report(event):
    if isinstance(event, IterationDone) and event.metrics.accuracy is not None:
        line = event.metrics
        loss = line.measures["loss_bound"]
        print(f"iteration {line.iteration}: loss {loss:.2f}, accuracy {line.accuracy:.3f}")


if __name__ == "__main__":
    main()
