"""Files of arrays: what is damaged, swapped or absurd is one line, and never other numbers."""

import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqsq.errors import DataError
from sqsq.files import read_archive, write_archive

ARRAYS = {"numbers": np.arange(6.0).reshape(2, 3), "flags": np.array([True, False])}
HEADER = {"iteration": 3, "name": "é"}


def save(path, **changes):
    write_archive(
        path,
        **{
            "kind": "sqsq-thing",
            "version": 2,
            "header": HEADER,
            "arrays": ARRAYS,
            "run": "abc",
            **changes,
        },
    )


def load(path, **changes):
    asked = {"kind": "sqsq-thing", "version": 2, "names": ("numbers", "flags"), "run": "abc", **changes}
    return read_archive(path, **asked)


def assert_is_what_was_saved(archive):
    assert archive.header == HEADER
    assert (archive.version, archive.run) == (2, "abc")
    for name, array in ARRAYS.items():
        assert archive.arrays[name].dtype == array.dtype
        assert np.array_equal(archive.arrays[name], array)


@pytest.fixture(scope="module", params=[False, True])
def whole(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "thing.npz"
    save(path, compress=request.param)
    return path.read_bytes()


def refused_or_the_same(path, content):
    path.write_bytes(content)
    try:
        archive = load(path)
    except DataError as error:
        words = str(error)
    else:
        assert_is_what_was_saved(archive)
        return False
    assert str(path) in words
    assert "\n" not in words
    return True


def test_round_trip(tmp_path):
    save(tmp_path / "thing.npz")
    assert_is_what_was_saved(load(tmp_path / "thing.npz"))
    by_columns = np.asfortranarray(ARRAYS["numbers"])
    save(tmp_path / "thing.npz", arrays={**ARRAYS, "numbers": by_columns})
    assert_is_what_was_saved(load(tmp_path / "thing.npz"))
    with np.load(tmp_path / "thing.npz", allow_pickle=False) as file:
        assert np.array_equal(file["numbers"], ARRAYS["numbers"])


def test_every_byte_flipped(tmp_path, whole):
    path = tmp_path / "thing.npz"
    rng = np.random.default_rng(0)
    refused = 0
    for position in range(len(whole)):
        flipped = bytearray(whole)
        flipped[position] ^= int(rng.integers(1, 256))
        refused += refused_or_the_same(path, bytes(flipped))
    assert refused > 0.7 * len(whole)  # dates and attributes of a zip file do not matter


def test_every_length(tmp_path, whole):
    for length in range(0, len(whole), 3):
        assert refused_or_the_same(tmp_path / "thing.npz", whole[:length])


def spoil(path, whole, edits, chopped):
    content = bytearray(whole)
    for place, value in edits:
        content[place % len(content)] = value
    refused_or_the_same(path, bytes(content[: len(content) - chopped % len(content)]))


EDITS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=8)


@settings(max_examples=300, deadline=None)
@given(edits=EDITS, chopped=st.integers(0, 40))
def test_spoilt_files(tmp_path_factory, whole, edits, chopped):
    spoil(tmp_path_factory.getbasetemp() / "spoilt.npz", whole, edits, chopped)


@pytest.mark.soak
@settings(max_examples=10_000, deadline=None)
@given(edits=EDITS, chopped=st.integers(0, 40))
def test_many_spoilt_files(tmp_path_factory, whole, edits, chopped):
    spoil(tmp_path_factory.getbasetemp() / "spoilt.npz", whole, edits, chopped)


def rezip(path, whole, name, content):
    """The same file with one entry replaced."""
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(path, "w") as new:
        for entry in old.namelist():
            new.writestr(entry, content if entry == name else old.read(entry))


def npy(array, **options):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("numbers.npy", npy(np.ones(3)), "does not match its own checksum"),
        ("numbers.npy", npy(np.ones(3)).replace(b"(3,)", b"(9**9,)"), "is damaged"),
        ("numbers.npy", npy(np.ones(1)).replace(b"(1,), }       ", b"(10000000,), }"), "does not fill its"),
        ("numbers.npy", npy(np.array([{}], dtype=object), allow_pickle=True), "array of type object"),
        ("numbers.npy", b"\x93NUMPY\x09\x00", "is damaged"),
        ("numbers.npy", b"", "is damaged"),
        ("header.npy", npy(np.array(json.dumps([1]))), "no JSON object"),
        ("header.npy", npy(np.array("[" * 100_000)), "is damaged"),
        ("header.npy", npy(np.arange(3)), "description is no text"),
        ("header.npy", npy(np.array('{"format": "sqsq-thing", "version": 2}')), "its own checksum"),
        ("header.npy", npy(np.array('{"format": "sqsq-thing", "version": {}}')), r"of version \{\}"),
        (
            "header.npy",
            npy(np.array('{"format": "sqsq-other", "version": 2}')),
            "not a thing that sqsq wrote",
        ),
        ("header.npy", npy(np.array('{"version": 1}')), "of version 1: this sqsq reads version 2"),
    ],
)
def test_what_is_no_such_file(tmp_path, whole, name, content, message):
    rezip(tmp_path / "thing.npz", whole, name, content)
    with pytest.raises(DataError, match=message):
        load(tmp_path / "thing.npz")


def test_sizes_are_refused_before_memory_is_asked_for(tmp_path):
    """The directory of a zip file claims 3 TB for each of its entries."""
    path = tmp_path / "thing.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name in ("numbers.npy", "flags.npy", "header.npy"):
            file.writestr(name, b"\0" * 1000)
        for entry in file.filelist:
            entry.file_size = 3 * 10**12
    with pytest.raises(DataError, match="claims to hold more than 4,294,967,296 bytes"):
        load(path)


def test_whose_file_it_is(tmp_path):
    path = tmp_path / "thing.npz"
    save(path, run="other")
    with pytest.raises(DataError, match="belongs to another run, not to the run in"):
        load(path)
    assert load(path, run=None).run == "other"
    save(path, run=None)
    with pytest.raises(DataError, match="belongs to no run"):
        load(path)
    save(path, arrays={"numbers": np.ones(2)})
    with pytest.raises(DataError, match=r"it holds \['numbers'\]"):
        load(path)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing")
    with pytest.raises(DataError, match="is damaged, or not a thing that sqsq wrote"):
        load(tmp_path)
