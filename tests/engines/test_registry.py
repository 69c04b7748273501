from importlib.metadata import version

import pytest

from sqsq.engines import BackendChoice, Placement, open_engine, open_simulator
from sqsq.engines.exact.stream import STREAM
from sqsq.errors import BackendError


def test_names():
    assert open_engine("aer").name == "aer"
    assert open_engine("exact").name == "exact"
    assert open_engine("exact:fake_lagos").name == "exact:fake_lagos"
    assert open_engine("fake_lagos").name == "fake_lagos"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "aer2",
            r"unknown backend 'aer2' \(did you mean aer\?\): choose from aer, exact, fake_<device>",
        ),
        ("fake_brisban", "unknown fake backend 'fake_brisban': choose from fake_aachen"),
        ("ibm_brisbane", "is hardware, where tables become queued jobs.*nothing was run in its place"),
    ],
)
def test_nothing_is_run_in_place_of_an_unknown_backend(name, message):
    with pytest.raises(BackendError, match=message):
        open_engine(name)


def test_identities_tell_whose_spikes_they_are():
    aer = f"qiskit-aer {version('qiskit-aer')}"
    assert open_engine("exact", 4).identity == f"exact seed 4 stream {STREAM}"
    assert open_engine("aer", 4).identity == f"aer seed 4 {aer}"
    assert open_engine("fake_lagos", 0).identity == f"fake_lagos seed 0 {aer}"
    grouped = open_simulator(BackendChoice("exact:fake_brisbane", 2, placement=Placement(pack=2)))
    each = f"exact:fake_brisbane seed 2 stream {STREAM}"
    assert grouped.identity == f"exact:fake_brisbane in groups, each {each}"
