"""How well an accuracy is known."""

from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95


def wilson_interval(share: float, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The Wilson score interval of a probability, from the share of trials in which something happened.

    For an accuracy the trials are the images: it covers which images were drawn for the test, not what
    another training, encoding or shot would give. Repeats of the same images are no further trials.

    Args:
        share: The share, 0 to 1; over repeats of the same trials, its mean.
        trials: How many independent trials there were, at least 1.
        confidence: How often such an interval holds the probability.

    Returns:
        Its lower and its upper end.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    weight = 1 + z**2 / trials
    middle = (share + z**2 / (2 * trials)) / weight
    reach = z * sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2) / weight
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def accuracy_in_words(accuracy: float, images: int) -> str:
    """An accuracy with its interval, such as ``0.9500 (95 % interval 0.8883 to 0.9785, 100 images)``."""
    low, high = wilson_interval(accuracy, images)
    percent = round(100 * CONFIDENCE)
    return f"{accuracy:.4f} ({percent} % interval {low:.4f} to {high:.4f}, {images:,} images)"
