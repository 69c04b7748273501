import json

import numpy as np
import pytest

from sqsq.circuits import neuron_circuit
from sqsq.engines import Placement
from sqsq.engines.device import device_of
from sqsq.engines.device_program import DevicePrograms
from sqsq.engines.fake import fake_backend
from sqsq.errors import UsageError
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, NoiseScale, Template


def table(template):
    phi, theta = (np.prod((2, *shape)).astype(int) for shape in (template.phi_shape, template.theta_shape))
    return EvaluationTable(
        template,
        np.linspace(0, 3, phi).reshape(2, *template.phi_shape),
        np.linspace(-1, 1, theta).reshape(2, *template.theta_shape),
        7,
        ("iteration", 3, "gradient"),
    )


@pytest.mark.parametrize(
    ("template", "digest"),
    [
        (
            Template(Neuron(ansatz="partial-swap"), 2),
            "1cbe44eba73ee0f9d30608ccde8a4143af10294dc95bf22efacacd0d38b71f87",
        ),
        (
            Template(Neuron(2, 1, "memory-controlled"), 3, NoiseScale(), calibration=False),
            "c6c5ac601687ad3a273399ecbdc6f425c80ba64115734c31196762ec15af3e08",
        ),
    ],
)
def test_digests_are_those_from_before_noise_could_be_scaled(template, digest):
    """Written down before templates had anything but a neuron and T: runs of then can be resumed."""
    assert table(template).digest.hex() == digest
    assert table(template).fingerprint.hex() == digest


def test_choices_are_named_as_before_noise_could_be_scaled():
    programs = DevicePrograms(device_of(fake_backend("fake_nairobi")), Placement())
    programs.rows_per_job(Template(Neuron(), 2), 5, 60.0)
    neuron = {"ansatz": "partial-swap", "io_qubits": 1, "memory_qubits": 1}
    assert list(programs.choices) == [
        "groups " + json.dumps(neuron),
        "rows per job " + json.dumps([{"neuron": neuron, "steps": 2}, 5, 60.0]),
    ]


def test_templates_that_differ_have_digests_that_differ():
    neuron = Neuron()
    templates = [
        Template(neuron, 3),
        Template(neuron, 3, NoiseScale(3)),
        Template(neuron, 3, NoiseScale(5)),
        Template(neuron, 3, NoiseScale(3, "two-qubit")),
        Template(neuron, 3, NoiseScale(3, readout=True)),
        Template(neuron, 3, calibration=True),
        Template(neuron, 3, NoiseScale(3, readout=True), calibration=True),
    ]
    assert len(set(templates)) == len({table(template).digest for template in templates}) == 7
    assert all(template.plain == Template(neuron, 3) for template in templates)
    assert Template(neuron, 3, NoiseScale(3)) == Template(neuron, 3, NoiseScale(3.0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scale": 0.5}, "noise scale is 0.5: a finite number of at least 1"),
        ({"scale": float("nan")}, "noise scale is nan"),
        ({"scale": float("inf"), "readout": True}, "noise scale is inf"),
        ({"scale": 2, "readout": True}, "noise scale is 2 with readout: an odd whole number"),
        ({"scale": 1.5, "readout": True}, "noise scale is 1.5 with readout: an odd whole number"),
        ({"scale": 3, "gates": "one-qubit"}, "unknown gates to fold 'one-qubit': choose from all, two-qubit"),
        ({"scale": "3"}, "noise scale is '3': must be a finite number"),
        ({"scale": True}, "noise scale is True: must be a finite number"),
    ],
)
def test_noise_scales_that_do_not_exist(arguments, message):
    with pytest.raises(UsageError, match=message):
        NoiseScale(**arguments)


def test_a_calibration_prepares_and_measures():
    template = Template(Neuron(2, 1), 2, calibration=True)
    assert template.theta_shape == (2, 0)
    compiled = neuron_circuit(template)
    assert compiled.theta == ()
    assert len(compiled.phi) == 4
    step = ["rx", "rx", "barrier", "measure", "measure", "reset", "reset", "barrier"]
    assert [item.operation.name for item in compiled.circuit.data] == 2 * step


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((Neuron(), 2.0), "T is 2.0: must be a whole number"),
        ((Neuron(), True), "T is True: must be a whole number"),
        ((Neuron(), None), "T is None: must be a whole number"),
        (("partial-swap", 2), "neuron of a template is 'partial-swap': must be a Neuron"),
        ((Neuron(), 2, 3.0), "noise of a template is 3.0: must be a NoiseScale"),
        ((Neuron(), 2, NoiseScale(), 1), "calibration of a template is 1: must be true or false"),
    ],
)
def test_templates_that_cannot_be(arguments, message):
    with pytest.raises(UsageError, match=message):
        Template(*arguments)


def test_numbers_of_numpy_make_the_same_template():
    scaled = NoiseScale(np.float32(3), readout=np.True_)
    one, other = Template(Neuron(), np.int16(3), scaled), Template(Neuron(), 3, NoiseScale(3, readout=True))
    assert one == other
    assert json.dumps(one.content()) == json.dumps(other.content())
