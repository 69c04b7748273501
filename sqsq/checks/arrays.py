"""Checks of arrays: shape, range and finiteness, once, where they are handed over.

Any real dtype, byte order and memory order passes, and so do lists and what NumPy can convert (pandas).
An array that is right already is returned as it is, never copied; of a broadcast view only what it
repeats is looked at, and it stays a view. Masked entries, sparse matrices, text, objects and complex
numbers are refused.
"""

from types import EllipsisType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqsq.checks.shown import one_line, shown
from sqsq.errors import UsageError

Shape = tuple[int | str | EllipsisType, ...]
"""Sizes of axes; a name stands for any size from 1 on, a leading ``...`` for any axes."""

_LARGEST = 2**53
"""Beyond, not every whole number is one of float64."""


def real_array(
    value: Any,
    name: str,
    shape: Shape = (...,),
    *,
    low: float = -np.inf,
    high: float = np.inf,
    may_be_empty: tuple[str, ...] = (),
    remedy: str = "",
) -> NDArray[np.float64]:
    """Finite numbers as float64.

    Args:
        value: What was handed over.
        name: What it is called in errors.
        shape: The shape it must have.
        low: The smallest number allowed.
        high: The largest.
        may_be_empty: Named axes that may have size 0.
        remedy: What an error says to do, in parentheses.

    Raises:
        UsageError: If it is something else.
    """
    array = _numbers(value, name, shape, may_be_empty, remedy)
    once = _without_repeats(array)
    with np.errstate(over="ignore"):  # what float64 cannot hold becomes infinite, which is refused
        numbers = np.require(once, np.float64, ["A"])
    if numbers.size and not _within(numbers, low, high):
        wrong = ~(np.isfinite(numbers) & (numbers >= low) & (numbers <= high))
        raise UsageError(_found(name, once, wrong, _allowed(low, high), remedy))
    return _repeated(array, once, numbers)


def probability_array(
    value: Any, name: str, shape: Shape, *, may_be_empty: tuple[str, ...] = ()
) -> NDArray[np.float64]:
    """Numbers in [0, 1], such as pixels; see ``real_array``.

    Raises:
        UsageError: If it is something else.
    """
    remedy = "divide pixels by the brightest value they can have"
    return real_array(value, name, shape, low=0, high=1, may_be_empty=may_be_empty, remedy=remedy)


def whole_array(
    value: Any,
    name: str,
    shape: Shape,
    *,
    low: int = -_LARGEST,
    high: int = _LARGEST,
    dtype: Any = np.intp,
    may_be_empty: tuple[str, ...] = (),
    remedy: str = "",
) -> NDArray[Any]:
    """Whole numbers of any dtype, floats that are whole among them; see ``real_array``.

    Raises:
        UsageError: If it is something else.
    """
    array = _numbers(value, name, shape, may_be_empty, remedy)
    once = _without_repeats(array)
    if once.size:
        whole = once.dtype.kind != "f" or bool((once == np.floor(once)).all())
        if not (whole and low <= float(once.min()) and float(once.max()) <= high):
            numbers = once.astype(np.float64)
            wrong = (numbers < low) | (numbers > high) | (numbers != np.floor(numbers))
            bounds = f" from {low} to {high}" if high < _LARGEST else f", at least {low}" if low >= 0 else ""
            raise UsageError(_found(name, once, wrong, f"a whole number{bounds}", remedy))
    return _repeated(array, once, np.require(once, dtype, ["A"]))


def spike_array(
    value: Any, name: str, shape: Shape = (...,), *, may_be_empty: tuple[str, ...] = ()
) -> NDArray[np.uint8]:
    """Zeros and ones as uint8; see ``real_array``.

    Raises:
        UsageError: If it is something else.
    """
    array = _numbers(value, name, shape, may_be_empty, "")
    once = _without_repeats(array)
    if once.size and once.dtype.kind != "b":
        unsigned = once.dtype.kind == "u"
        if not (once.max() <= 1 if unsigned else ((once == 0) | (once == 1)).all()):
            raise UsageError(_found(name, once, (once != 0) & (once != 1), "0 or 1", ""))
    return _repeated(array, once, np.require(once, np.uint8, ["A"]))


def mask_array(value: Any, name: str, shape: Shape) -> NDArray[np.bool_]:
    """Yes or no for each entry, as bools or as 0 and 1; at least one of them yes.

    Raises:
        UsageError: If it is something else.
    """
    array: NDArray[np.bool_] = np.require(spike_array(value, name, shape), np.bool_, ["A"])
    if not array.any():
        raise UsageError(f"{name} is nowhere true: at least one entry must be")
    return array


def class_array(value: Any, name: str, examples: int | str, classes: int | None = None) -> NDArray[np.intp]:
    """Numbered classes, shape (examples,).

    Args:
        value: What was handed over.
        name: What it is called in errors.
        examples: How many there must be, or what they are called.
        classes: The number C of classes, which are 0 to C-1; any number from 0 on if None.

    Raises:
        UsageError: If it is something else.
    """
    return whole_array(
        value,
        name,
        (examples,),
        low=0,
        high=_LARGEST if classes is None else classes - 1,
        may_be_empty=() if classes is not None else (str(examples),),
        remedy="number the classes 0, 1, ... with choose_digits or numpy.unique(..., return_inverse=True)",
    )


def dimensions(value: Any) -> int:
    """How many axes what was handed over has; 0 where it has no shape."""
    try:
        return int(np.ndim(value))
    except Exception:  # whatever NumPy makes of other objects: a check of the array says what is wrong
        return 0


def picked(array: NDArray[Any], chosen: Any, name: str) -> NDArray[Any]:
    """What a NumPy index picks of an array.

    Raises:
        UsageError: If it is no index of this array.
    """
    try:
        return np.asarray(array[chosen])
    except (IndexError, TypeError, ValueError) as error:
        raise UsageError(
            f"{shown(chosen)} picks none of the {len(array)} {name}: {one_line(str(error))}"
        ) from error


def _numbers(value: Any, name: str, shape: Shape, may_be_empty: tuple[str, ...], remedy: str) -> NDArray[Any]:
    """An array of real numbers of the right shape, not converted yet."""
    if isinstance(value, np.ma.MaskedArray):
        masked: NDArray[np.bool_] = np.broadcast_to(value.mask, value.shape)
        if masked.any():
            raise UsageError(f"{_place(name, masked)} is masked: fill in masked entries or leave them out")
        value = value.data
    if hasattr(value, "toarray"):
        raise UsageError(f"{_has(name)} a sparse type, {type(value).__name__}: hand over .toarray() of it")
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise UsageError(f"{_has(name)} no shape of an array of numbers: {one_line(str(error))}") from error
    if array.dtype.kind not in "biuf":
        first = array.flat[0] if array.size else None
        first = first.item() if isinstance(first, np.generic) else first
        example = f", the first {shown(first)}" if array.size else ""
        raise UsageError(
            f"{_has(name)} entries of dtype {one_line(str(array.dtype))}{example}: must be real numbers"
            + _hint(remedy)
        )
    _check_shape(array.shape, name, shape, may_be_empty)
    return array


def _check_shape(found: tuple[int, ...], name: str, shape: Shape, may_be_empty: tuple[str, ...]) -> None:
    wanted, sizes = shape, found
    if shape[:1] == (...,):
        wanted = shape[1:]
        sizes = found[max(len(found) - len(wanted), 0) :]
    fits = len(sizes) == len(wanted)
    fits = fits and all(
        isinstance(axis, str) or axis == size for axis, size in zip(wanted, sizes, strict=True)
    )
    sized = [a for a, size in zip(wanted, sizes, strict=False) if isinstance(a, str) and size == 0]
    empty = [axis for axis in sized if axis not in may_be_empty]
    if fits and not empty:
        return
    spelled = ", ".join("..." if axis is ... else str(axis) for axis in shape)
    spelled = f"({spelled},)" if len(shape) == 1 else f"({spelled})"
    filled = f", with at least one of {empty[0]}" if fits else ""
    raise UsageError(f"{_has(name)} shape {found}: must be {spelled}{filled}")


def _without_repeats(array: NDArray[Any]) -> NDArray[Any]:
    """One of each of the entries that a broadcast view repeats."""
    if 0 not in array.strides:
        return array
    return array[tuple(slice(1) if stride == 0 else slice(None) for stride in array.strides)]


def _repeated(array: NDArray[Any], once: NDArray[Any], converted: NDArray[Any]) -> NDArray[Any]:
    """The array itself where nothing was converted, else what was, in its shape."""
    if converted is once:
        return array
    return converted if converted.shape == array.shape else np.broadcast_to(converted, array.shape)


def _within(numbers: NDArray[np.float64], low: float, high: float) -> bool:
    # quicker than isfinite on every entry; what is not a number is smallest and largest, and within no bounds
    lowest, highest = numbers.min(), numbers.max()
    return bool(np.isfinite(lowest) and np.isfinite(highest) and low <= lowest and highest <= high)


def _allowed(low: float, high: float) -> str:
    if low == -np.inf and high == np.inf:
        return "a finite number"
    if high == np.inf:
        return "finite and not negative" if low == 0 else f"finite and at least {low:g}"
    return f"{low:g} to {high:g}"


def _found(name: str, array: NDArray[Any], wrong: NDArray[np.bool_], allowed: str, remedy: str) -> str:
    value = array[tuple(np.argwhere(wrong)[0])]
    return f"{_place(name, wrong)} is {value!s}: must be {allowed}" + _hint(remedy)


def _place(name: str, wrong: NDArray[np.bool_]) -> str:
    place = np.argwhere(wrong)[0]
    return f"{name}[{', '.join(map(str, place.tolist()))}]" if len(place) else name


def _has(name: str) -> str:
    """A name and its verb."""
    return f"{name} {'have' if name.split()[0].endswith('s') else 'has'}"


def _hint(remedy: str) -> str:
    return f" ({remedy})" if remedy else ""
