"""A run whose files were damaged, cut or exchanged is refused in one line, or is what it was."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqsq import evaluate_run, open_run, train_usps
from sqsq.errors import DataError
from sqsq.runs.run_directory import RunDirectory
from tests.property.damage import damaged
from tests.property.refusals import taken_or_refused

CONFIG, METRICS, LEDGER, CHECKPOINT = "config.json", "metrics.jsonl", "ledger.sqlite", "checkpoint.npz"
MODEL = "model.npz"
JSON_VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.sampled_from([2**70, -1]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


class Files(dict):
    """The files of a run by their names, bytes; a failed example is not to print them."""

    def __repr__(self):
        return f"<{', '.join(self)}>"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A small finished run, and another of another seed."""
    directories = [tmp_path_factory.mktemp("runs") / name for name in ("run", "other")]
    for seed, directory in enumerate(directories):
        train_usps(
            backend="exact",
            data="digits",
            steps=2,
            iterations=2,
            batch_size=2,
            m_syn=1,
            test_size=4,
            seed=seed,
            run_dir=directory,
        )
    return directories


@pytest.fixture(scope="module")
def files(run):
    return [Files({path.name: path.read_bytes() for path in one.iterdir() if path.is_file()}) for one in run]


def restore(directory, files):
    for path in directory.iterdir():
        if path.is_file() and path.name not in files:
            path.unlink()
    for name, content in files.items():
        (directory / name).write_bytes(content)


def look_at(directory):
    """All that is read of a run without going on with it."""
    run = open_run(directory)
    status = run.status()
    point = RunDirectory(directory).last_checkpoint()
    json.dumps(status.to_json(), allow_nan=False)
    return status, status.rows(), point, RunDirectory(directory).metrics()


@pytest.mark.parametrize("name", [CONFIG, METRICS, LEDGER, CHECKPOINT])
@given(data=st.data())
def test_damaged_files(run, files, name, data):
    restore(run[0], files[0])
    (run[0] / name).write_bytes(data.draw(damaged(files[0][name])))
    with taken_or_refused() as outcome:
        status, _, point, _ = look_at(run[0])
    if outcome.refusal is None and name == CHECKPOINT:
        restore(run[0], files[0])
        whole = RunDirectory(run[0]).last_checkpoint()
        assert point.arrays.keys() == whole.arrays.keys()
        for array, content in whole.arrays.items():
            np.testing.assert_array_equal(point.arrays[array], content)
        assert (point.iteration, point.usage) == (whole.iteration, whole.usage)
    if outcome.refusal is None and name == LEDGER:
        restore(run[0], files[0])
        assert status.to_json() == open_run(run[0]).status().to_json(), "the ledger changed without a word"


@pytest.mark.parametrize("name", [CONFIG, METRICS, LEDGER, CHECKPOINT])
def test_files_of_another_run(run, files, name):
    """Nothing of another run is gone on with."""
    restore(run[0], files[0])
    (run[0] / name).write_bytes(files[1][name])
    with taken_or_refused() as outcome:
        open_run(run[0]).resume()
    restore(run[0], files[0])
    assert outcome.refusal is not None, f"{name} of another run was taken"


def test_the_model_of_another_run(run, files):
    """It is never used: going on writes the run's own from its checkpoint."""
    restore(run[0], files[0])
    (run[0] / MODEL).write_bytes(files[1][MODEL])
    with pytest.raises(DataError, match="another run"):
        evaluate_run(run[0])
    open_run(run[0]).resume()
    assert (run[0] / MODEL).read_bytes() == files[0][MODEL]


@pytest.mark.parametrize("name", [CONFIG, METRICS])
@given(data=st.data())
def test_edited_json(run, files, name, data):
    """One value of a file in JSON becomes something else, or goes missing."""
    restore(run[0], files[0])
    lines = [json.loads(line) for line in files[0][name].decode().splitlines()] if name == METRICS else None
    content = json.loads(files[0][name]) if lines is None else lines
    holder = content if lines is None else content[data.draw(st.integers(0, len(lines) - 1))]
    for inner in ("settings", "resources"):
        if name == CONFIG and data.draw(st.booleans()):
            holder = content[inner]
            break
    key = data.draw(st.sampled_from(sorted(holder)))
    if data.draw(st.booleans()):
        holder[key] = data.draw(JSON_VALUES)
    else:
        del holder[key]
    text = json.dumps(content) if lines is None else "".join(json.dumps(line) + "\n" for line in content)
    (run[0] / name).write_text(text)
    with taken_or_refused():
        look_at(run[0])


@pytest.mark.parametrize("name", [CONFIG, METRICS])
@given(value=JSON_VALUES)
def test_any_json(run, files, name, value):
    restore(run[0], files[0])
    (run[0] / name).write_text(json.dumps(value) + "\n")
    with taken_or_refused():
        look_at(run[0])
