"""What devices report of their readout, against their own properties."""

from dataclasses import replace

import numpy as np
import pytest

from sqsq.engines.device import device_of
from sqsq.engines.fake import fake_backend
from sqsq.engines.readout import readout_of_groups
from sqsq.errors import BackendError


def test_real_devices_report_both_errors_of_measure():
    backend = fake_backend("fake_brisbane")
    known = {item.name: item.value for item in backend.properties().qubits[3]}
    up, down = known["prob_meas1_prep0"], known["prob_meas0_prep1"]
    assert abs(up - down) > 0.01
    found = readout_of_groups(device_of(backend), backend.properties(), ((3, 4), (7, 8)), 1)
    assert found.matrices.shape == (2, 1, 2, 2)
    assert found.matrices[0, 0] == pytest.approx(np.array([[1 - up, up], [down, 1 - down]]))
    assert found.updated_at == backend.properties().last_update_date
    # simulations know one error for both
    simulated = readout_of_groups(replace(device_of(backend), mid_circuit=False), None, ((3, 4),), 1)
    both = known["readout_error"]
    assert simulated.matrices[0, 0] == pytest.approx(np.array([[1 - both, both], [both, 1 - both]]))


def test_the_measurement_for_the_middle_of_a_circuit_has_an_error_of_its_own():
    backend = fake_backend("fake_boston")
    error = backend.target["measure_2"][(3,)].error
    assert error != backend.target["measure"][(3,)].error
    found = readout_of_groups(device_of(backend), backend.properties(), ((3, 4),), 1)
    assert found.matrices[0, 0] == pytest.approx(np.array([[1 - error, error], [error, 1 - error]]))


def test_what_is_not_reported_is_an_error():
    device = replace(device_of(fake_backend("fake_lagos")), mid_circuit=False)
    with pytest.raises(BackendError, match="no readout error of qubit 99: measure it"):
        readout_of_groups(device, None, ((99, 98),), 1)
