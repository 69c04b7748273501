"""Pictures as files that are whole or absent."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqsq.errors import UsageError
from sqsq.files import whole_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@contextmanager
def picture(path: Path, size: tuple[float, float], *, dpi: int = 120) -> Iterator["Figure"]:
    """A figure to draw on, which becomes a PNG file at the end.

    Args:
        path: The file; one that was there is replaced as a whole.
        size: Width and height, inches.
        dpi: Pixels an inch.

    Raises:
        UsageError: If it cannot be drawn or written, whatever the reason.
    """
    try:
        from matplotlib.figure import Figure

        figure = Figure(figsize=size, layout="constrained")
        yield figure
        with whole_file(path) as file:
            figure.savefig(file, dpi=dpi, format="png")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error
    except Exception as error:  # matplotlib's own, such as for an MPLBACKEND that it does not know
        raise UsageError(f"{path} cannot be drawn: {' '.join(str(error).split())}") from error
