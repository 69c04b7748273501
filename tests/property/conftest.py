"""How many examples property tests try: a few, always the same, or many, new ones each time.

``PROPERTY_EXAMPLES=10000``, which ``make soak`` sets, asks for many.
"""

import warnings

import pytest
from hypothesis import HealthCheck, settings

from tests.property.effort import EXAMPLES, FEW

settings.register_profile(
    "properties",
    max_examples=EXAMPLES or FEW,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    print_blob=bool(EXAMPLES),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("properties")


@pytest.fixture(autouse=True)
def quiet_numbers():
    """What NumPy warns of, such as NaN cast to an integer, is a fault that nobody would have seen."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield
