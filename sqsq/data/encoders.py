"""How numbers become spikes of the input lines: encoders as values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import (
    Within,
    did_you_mean,
    dimensions,
    make_plain,
    probability_array,
    shown,
    spike_array,
    whole_number,
)
from sqsq.data.dataset import Split
from sqsq.data.encoding import rate_encode
from sqsq.errors import UsageError

FloatArray = NDArray[np.float64]
Inputs = FloatArray | NDArray[np.uint8]
"""What is encoded: values in [0, 1], shape (examples, lines), or spike trains, shape (examples, T, lines)."""

RATE_LIMIT = 0.5
"""Spike probabilities are clipped here: a brighter pixel would spike at every step."""
_ROWS = 2
"""Axes of examples that are rows of values."""
_BITS = 8
"""Binary digits of a phase code, the period of its spikes."""


class Encoder(Protocol):
    """Turns examples into spikes of the input lines."""

    name: ClassVar[str]

    def check(self, values: Any, name: str, lines: int | None = None) -> Inputs:
        """The examples as arrays of the kind that is encoded, for so many input lines where that is known.

        Raises:
            UsageError: If they are something else.
        """

    def encode(self, values: Inputs, passes: int, steps: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Spikes of the input lines, uint8, shape (examples, M, T, lines).

        Args:
            values: What ``check`` returned, or some of its examples.
            passes: M, forward passes of each example.
            steps: T.
            rng: The source of randomness, where the encoder draws.

        Raises:
            UsageError: If spike trains have another number of steps.
        """

    def spikes_per_step(self, values: Inputs, steps: int) -> float:
        """Spikes of all input lines at one step, expected, averaged over examples and steps."""


@dataclass(frozen=True)
class RateCode:
    """A value is the probability of a spike at each step, drawn afresh in every pass.

    Attributes:
        limit: The largest probability, in (0, 1]; larger values are clipped to it.

    Raises:
        UsageError: If the limit is not within (0, 1].
    """

    limit: Annotated[float, Within(high=1.0, positive=True)] = RATE_LIMIT
    name: ClassVar[str] = "rate"

    def __post_init__(self) -> None:
        make_plain(self, {"limit": "limit of the rate code"})

    def check(self, values: Any, name: str, lines: int | None = None) -> Inputs:
        """See ``Encoder.check``."""
        return _values(values, name, lines)

    def encode(self, values: Inputs, passes: int, steps: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        """See ``Encoder.encode``."""
        return rate_encode(np.minimum(values, self.limit), passes, steps, rng)

    def spikes_per_step(self, values: Inputs, steps: int) -> float:
        """See ``Encoder.spikes_per_step``."""
        return float(np.minimum(values, self.limit).sum(axis=1).mean())


@dataclass(frozen=True)
class LatencyCode:
    """One spike a line, the earlier the larger the value: at step (1 - value)(T - 1); none for 0."""

    name: ClassVar[str] = "latency"

    def check(self, values: Any, name: str, lines: int | None = None) -> Inputs:
        """See ``Encoder.check``."""
        return _values(values, name, lines)

    def encode(self, values: Inputs, passes: int, steps: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        """See ``Encoder.encode``; every pass is the same."""
        steps = whole_number(steps, "T", 1)
        when = np.rint((1 - values) * (steps - 1)).astype(np.intp)
        spikes = (when[:, None] == np.arange(steps)[:, None]) & (values > 0)[:, None]
        return _every_pass(spikes, passes)

    def spikes_per_step(self, values: Inputs, steps: int) -> float:
        """See ``Encoder.spikes_per_step``."""
        return float((values > 0).sum(axis=1).mean() / steps)


@dataclass(frozen=True)
class PhaseCode:
    """The eight binary digits of a value, the largest first, one a step, over and over again.

    1 is 0.11111111; after Kim, Kim, Huh, Lee and Choi, Neurocomputing 311, 373 (2018).
    """

    name: ClassVar[str] = "phase"

    def check(self, values: Any, name: str, lines: int | None = None) -> Inputs:
        """See ``Encoder.check``."""
        return _values(values, name, lines)

    def encode(self, values: Inputs, passes: int, steps: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        """See ``Encoder.encode``; every pass is the same."""
        numbers, places = _binary(values), _places(whole_number(steps, "T", 1))
        return _every_pass((numbers[:, None] >> places[:, None]) & 1, passes)

    def spikes_per_step(self, values: Inputs, steps: int) -> float:
        """See ``Encoder.spikes_per_step``."""
        numbers = _binary(values)
        spikes = sum(int(((numbers >> place) & 1).sum()) for place in _places(steps))
        return spikes / (len(numbers) * steps)


@dataclass(frozen=True)
class DirectCode:
    """Examples are spike trains already, shape (examples, T, lines), and are taken as they are."""

    name: ClassVar[str] = "direct"

    def check(self, values: Any, name: str, lines: int | None = None) -> Inputs:
        """See ``Encoder.check``."""
        return spike_array(values, name, ("images", "T", "inputs" if lines is None else lines))

    def encode(self, values: Inputs, passes: int, steps: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        """See ``Encoder.encode``; every pass is the same."""
        if values.shape[1] != steps:
            raise UsageError(f"the spike trains have {values.shape[1]} steps: T is {steps}")
        return _every_pass(values, passes)

    def spikes_per_step(self, values: Inputs, steps: int) -> float:
        """See ``Encoder.spikes_per_step``."""
        return float(values.sum(axis=-1, dtype=np.int64).mean())


PROBABILITIES = RateCode(1.0)
"""Values are the probabilities of spikes, as they are."""
ENCODERS: dict[str, Callable[..., Encoder]] = {
    kind.name: kind for kind in (RateCode, LatencyCode, PhaseCode, DirectCode)
}
"""By the names under which ``--encoder`` finds them."""


def register_encoder(kind: Callable[..., Encoder]) -> None:
    """Make an encoder available by its ``name``, in this process.

    Args:
        kind: Its class: made without arguments it has its defaults.

    Raises:
        UsageError: If another one has the name.
    """
    name = getattr(kind, "name", None)
    if not isinstance(name, str) or ENCODERS.setdefault(name, kind) is not kind:
        raise UsageError(f"an encoder named {shown(name)} cannot be registered: no name, or a taken one")


def find_encoder(name: str) -> Encoder:
    """An encoder by its name, with its defaults.

    Raises:
        UsageError: If there is none of this name.
    """
    if name not in ENCODERS:
        meant = did_you_mean(name, ENCODERS)
        raise UsageError(f"unknown encoder {shown(name)}{meant}: choose from {', '.join(ENCODERS)}")
    return ENCODERS[name]()


def spike_probabilities(split: Split) -> FloatArray:
    """The probability that a pixel spikes at one step: its value, at most 1/2. Shape (images, pixels)."""
    return np.minimum(split.images, RATE_LIMIT)


def check_examples(values: Any, name: str, encoder: Encoder) -> Inputs:
    """Examples as a user hands them over; images, also of several colours, become rows of pixels.

    Raises:
        UsageError: If they are nothing that the encoder takes.
    """
    if not isinstance(encoder, DirectCode) and dimensions(values) > _ROWS:
        values = probability_array(values, name, (...,))
        values = values.reshape(len(values), int(np.prod(values.shape[1:])))
    return encoder.check(values, name)


def _values(values: Any, name: str, lines: int | None) -> FloatArray:
    """Values in [0, 1], an example a row."""
    return probability_array(values, name, ("images", "inputs" if lines is None else lines))


def _binary(values: Inputs) -> NDArray[np.uint8]:
    """Values as binary fractions of eight digits."""
    numbers: NDArray[np.uint8] = np.rint(np.asarray(values) * (2**_BITS - 1)).astype(np.uint8)
    return numbers


def _places(steps: int) -> NDArray[np.uint8]:
    """Which binary digit each step shows, the last being 0; shape (T,)."""
    return (_BITS - 1 - np.arange(steps) % _BITS).astype(np.uint8)


def _every_pass(spikes: NDArray[Any], passes: int) -> NDArray[np.uint8]:
    passes = whole_number(passes, "M", 1)
    return np.repeat(spikes.astype(np.uint8)[:, None], passes, axis=1)
