import pytest

from sqsq.engines import open_engine
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
            r"unknown backend 'aer2' \(did you mean aer\?\): choose aer, exact, fake_<device>",
        ),
        ("fake_brisban", "unknown fake backend 'fake_brisban': choose from fake_aachen"),
        ("ibm_brisbane", "is hardware, where tables become queued jobs.*nothing was run in its place"),
    ],
)
def test_nothing_is_run_in_place_of_an_unknown_backend(name, message):
    with pytest.raises(BackendError, match=message):
        open_engine(name)
