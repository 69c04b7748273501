"""A run directory may have any name that the system allows."""

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sqsq import fully_connected, initial_parameters, load_model, save_model
from sqsq.runs.config_file import write_config
from sqsq.runs.run_directory import RunDirectory
from sqsq.runs.run_lock import locked_run_directory
from tests.property.refusals import taken_or_refused

NAMES = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_characters="/\0"), st.sampled_from(" #?%&'\"$;\\\n\t~-*[]")
    ),
    min_size=1,
    max_size=40,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("names")


@example(name="a#b")
@example(name="a?mode=ro")
@example(name="a%41")
@example(name="a b\n'c'")
@example(name="-x")
@example(name="~")
@given(name=NAMES)
def test_any_name(folder, name):
    """What is written under a name is found there, and nowhere else."""
    assume(name not in (".", "..") and len(name.encode()) < 200)
    before = {path.name for path in folder.iterdir()}
    with taken_or_refused(), locked_run_directory(folder / name) as directory:
        ledger = directory.open_ledger()
        ledger.remember("name", name)
        ledger.close()
        assert directory.ledger.is_file(), "the ledger is elsewhere"
        network = fully_connected(1, (1,))
        save_model(directory.model, network, initial_parameters(network, 1.0, np.random.default_rng(0)))
        load_model(directory.model)
        run = write_config(directory.path, "train-usps", {}, {})
        directory.append_metrics({"iteration": 1}, run)
        assert directory.metrics() == [{"iteration": 1}]
        again = RunDirectory(folder / name).open_ledger(read_only=True)
        assert again.fact("name") == name
        again.close()
        for path in directory.path.iterdir():
            path.unlink()
    assert {path.name for path in folder.iterdir()} <= before | {name}
    if (folder / name).is_dir():
        for path in (folder / name).iterdir():
            path.unlink()
        (folder / name).rmdir()
