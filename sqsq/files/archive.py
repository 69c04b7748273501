"""Arrays with a description in one file: NumPy's ``.npz``, no pickle, and a checksum over everything."""

import hashlib
import json
import os
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from sqsq.checks import one_line, shown
from sqsq.errors import DataError, UsageError
from sqsq.files.json_digest import json_digest
from sqsq.files.whole import whole_file

MOST_BYTES = 2**32
"""What the arrays of a file may add up to; larger sizes are refused before memory is asked for."""
_HEADER, _CHECKSUM, _OWN = "header", "sha256", ("format", "version", "run", "sha256")
_DESCRIPTION_BYTES = 2**26


@dataclass(frozen=True, eq=False)
class Archive:
    """What such a file holds.

    Attributes:
        version: Of its format.
        run: The run that wrote it, or None if it was written outside one.
        header: Its description, JSON types.
        arrays: Its arrays by name.
    """

    version: int
    run: str | None
    header: dict[str, Any]
    arrays: dict[str, NDArray[Any]]


def write_archive(
    path: str | os.PathLike[str],
    *,
    kind: str,
    version: int,
    header: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    run: str | None = None,
    compress: bool = False,
) -> None:
    """Write arrays with their description; the file is whole or absent.

    Args:
        path: The file, which is replaced only once all is written.
        kind: What it is, such as ``sqsq-model``.
        version: Of that format.
        header: The description, JSON types.
        arrays: Arrays by name.
        run: The run that writes it, if one does.
        compress: Whether arrays are compressed.

    Raises:
        UsageError: If it would be too large to be read again.
        OSError: If it cannot be written.
    """
    size = sum(array.nbytes for array in arrays.values())
    if size > MOST_BYTES:
        raise UsageError(f"{path} would hold {size:,} bytes of arrays: at most {MOST_BYTES:,}")
    described = {"format": kind, "version": version, **header}
    if run is not None:
        described["run"] = run
    described = json.loads(json.dumps(described))
    described[_CHECKSUM] = _digest(described, arrays)
    save = np.savez_compressed if compress else np.savez
    with whole_file(path) as file:
        save(file, **{_HEADER: np.array(json.dumps(described))}, **arrays)  # type: ignore[arg-type]


def read_archive(
    path: str | os.PathLike[str],
    *,
    kind: str,
    version: int,
    names: Collection[str] | None = None,
    run: str | None = None,
    unsigned: Collection[int] = (),
) -> Archive:
    """Read what ``write_archive`` wrote.

    Args:
        path: The file.
        kind: What it must be.
        version: The version of that format that is read.
        names: The arrays that it must hold, no more and no less; None for any.
        run: The run that must have written it; None for any or none.
        unsigned: Earlier versions, which had neither a checksum nor a run, that are read too.

    Raises:
        FileNotFoundError: If there is no such file.
        DataError: If it is damaged, something else, of another version, or another run's.
    """
    path = Path(path)
    what = kind.replace("-", " ").removeprefix("sqsq ")
    try:
        header, arrays = _read(path)
        found: Any = header.get("version")
        mark = header.get(_CHECKSUM)
        intact = mark is not None and mark == _digest(
            {name: value for name, value in header.items() if name != _CHECKSUM}, arrays
        )
    except FileNotFoundError:
        raise
    except Exception as error:  # whatever zipfile, zlib, struct, NumPy and json make of damaged bytes
        raise DataError(f"{path} is damaged, or not a {what} that sqsq wrote: {_words(error)}") from error
    if header.get("format", kind) != kind:
        raise DataError(f"{path} is not a {what} that sqsq wrote")
    if found != version and found not in unsigned:
        raise DataError(
            f"{path} is a {what} file of version {shown(found)}: this sqsq reads version {version}; use the "
            "sqsq that wrote it"
        )
    if found == version and not intact:
        raise DataError(f"{path} is damaged or was edited: it does not match its own checksum")
    if names is not None and set(arrays) != set(names):
        raise DataError(
            f"{path} is damaged, or not a {what} that sqsq wrote: it holds {shown(sorted(arrays))}"
        )
    owner = header.get("run")
    if run is not None and owner != run:
        whose = "no run (or an earlier sqsq wrote it)" if owner is None else "another run"
        raise DataError(f"{path} belongs to {whose}, not to the run in {path.parent}: put the run's own back")
    rest = {name: value for name, value in header.items() if name not in _OWN}
    return Archive(found, owner, rest, arrays)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    with zipfile.ZipFile(path) as file:
        entries = file.infolist()
        if sum(entry.file_size for entry in entries) > MOST_BYTES:
            raise ValueError(f"it claims to hold more than {MOST_BYTES:,} bytes")
        arrays = {}
        for entry in entries:
            name = entry.filename.removesuffix(".npy")
            if name in arrays:
                raise ValueError(f"it holds {name} twice")
            with file.open(entry) as stream:
                arrays[name] = _read_array(stream, entry.file_size)
    text = arrays.pop(_HEADER)
    if text.shape != () or text.dtype.kind != "U" or text.nbytes > _DESCRIPTION_BYTES:
        raise ValueError("its description is no text")
    header = json.loads(str(text))
    if not isinstance(header, dict):
        raise TypeError("its description is no JSON object")
    return header, arrays


def _read_array(stream: IO[bytes], size: int) -> NDArray[Any]:
    """Read one array; its own description must add up to the size of its entry."""
    version: tuple[int, int] = npy.read_magic(stream)  # type: ignore[no-untyped-call]
    read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, by_columns, dtype = read_header(stream)  # type: ignore[no-untyped-call]
    if dtype.kind not in "biufU":
        raise ValueError(f"it holds an array of type {dtype}")
    count = prod(shape)
    if stream.tell() + count * dtype.itemsize != size:
        raise ValueError(f"an array of shape {shape} does not fill its {size:,} bytes")
    content = stream.read(count * dtype.itemsize)
    return np.frombuffer(content, dtype).reshape(shape, order="F" if by_columns else "C").copy()


def _digest(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> str:
    """The checksum over a description and arrays: names, types, shapes and bytes."""
    digest = hashlib.sha256(json_digest(header).encode())
    for name in sorted(arrays):
        array = np.asarray(arrays[name])
        digest.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _words(error: Exception) -> str:
    """An error in one line."""
    return one_line(str(error)) or type(error).__name__
