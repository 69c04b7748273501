"""Extrapolation against mitiq, and how shots are split."""

import importlib.util
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.quantum_info import DensityMatrix, Operator, SuperOp
from qiskit_aer.noise import depolarizing_error

from sqsq.circuits import IDEAL_BASIS, fold_circuit
from sqsq.errors import UsageError
from sqsq.estimation import Extrapolation, Mitigation, mitigation_of
from sqsq.tables import NoiseScale

FITS = [
    Extrapolation((1, 3)),
    Extrapolation((1, 2, 5)),
    Extrapolation((1, 3, 5), "richardson"),
    Extrapolation((1, 1.5, 2, 3), "poly"),
    Extrapolation((1, 3), "exp"),
    Extrapolation((1, 2, 3), "exp"),
]
needs_mitiq = pytest.mark.skipif(importlib.util.find_spec("mitiq") is None, reason="mitiq is an extra")


def factory(extrapolation):
    from mitiq.zne.inference import ExpFactory, LinearFactory, PolyFactory, RichardsonFactory

    scales = list(extrapolation.scales)
    return {
        "linear": lambda: LinearFactory(scales),
        "richardson": lambda: RichardsonFactory(scales),
        "poly": lambda: PolyFactory(scales, order=2),
        "exp": lambda: ExpFactory(scales, asymptote=0.5),
    }[extrapolation.fit]()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scales": (0.5, 3)}, "zne-scales 0.5,3: every scale must be a finite number of at least 1"),
        ({"scales": (1, float("inf"))}, "finite"),
        ({"scales": (1, 3, 3)}, "zne-scales 1,3,3: no scale may be repeated"),
        ({"scales": (1,)}, "zne-scales 1: the fit linear needs at least 2 scales"),
        ({"scales": ()}, "needs at least 2"),
        ({"scales": (1, 3), "fit": "poly"}, "the fit poly needs at least 3 scales"),
        ({"fit": "cubic"}, "unknown zne-fit 'cubic': choose from linear, richardson, poly, exp"),
        ({"gates": "some"}, "unknown zne-gates 'some'"),
        ({"scales": (1, "3")}, r"zne-scales\[1\] is '3': must be a finite number"),
        ({"scales": 3}, "zne-scales 3: the fit linear needs at least 2 scales"),
        ({"scales": (1, float("nan"))}, r"zne-scales\[1\] is nan: must be a finite number"),
    ],
)
def test_bad_input_is_refused(changes, words):
    with pytest.raises(UsageError, match=words):
        replace(Extrapolation(), **changes)


@needs_mitiq
@pytest.mark.parametrize("extrapolation", FITS)
def test_every_element_is_extrapolated_as_mitiq_does(extrapolation):
    frequencies = np.random.default_rng(0).uniform(0.05, 0.95, (len(extrapolation.scales), 4, 3))
    found = extrapolation.extrapolate(frequencies)
    for row, step in product(range(4), range(3)):
        fit = factory(extrapolation)
        for scale, value in zip(extrapolation.scales, frequencies[:, row, step], strict=True):
            fit.push({"scale_factor": scale}, value)
        expected = fit.reduce()
        assert found[row, step] == pytest.approx(
            np.clip(expected, 0, 1) if extrapolation.fit == "exp" else expected
        )
    if extrapolation.fit != "exp":
        assert found == pytest.approx(np.tensordot(extrapolation.weights, frequencies, axes=1))


def noisy_probability(circuit):
    """P(1) of qubit 0 where every gate is followed by a depolarising error, by density matrices."""
    state = DensityMatrix.from_label("0" * circuit.num_qubits)
    for item in circuit.data:
        if item.operation.name in ("barrier", "measure"):
            continue
        qubits = [circuit.find_bit(qubit).index for qubit in item.qubits]
        state = state.evolve(Operator(item.operation), qargs=qubits)
        state = state.evolve(SuperOp(depolarizing_error(0.01 * len(qubits), len(qubits))), qargs=qubits)
    return float(state.probabilities([0])[1])


@needs_mitiq
@pytest.mark.parametrize("extrapolation", [e for e in FITS if set(e.scales) <= {1, 3, 5}])
def test_a_unitary_circuit_gives_what_execute_with_zne_gives(extrapolation):
    from mitiq.zne import execute_with_zne
    from mitiq.zne.scaling import fold_global

    circuit = QuantumCircuit(2)
    for angle in (0.2, 0.3):
        circuit.rx(angle, 0)
        circuit.cz(0, 1)
        circuit.rx(-0.3, 1)
        circuit.cx(1, 0)
    expected = execute_with_zne(
        circuit, noisy_probability, factory=factory(extrapolation), scale_noise=fold_global
    )
    scaled = [
        noisy_probability(fold_circuit(circuit, noise, IDEAL_BASIS))
        for noise in Mitigation(extrapolation).noise_scales
    ]
    assert scaled[0] == noisy_probability(circuit)
    assert abs(scaled[0] - expected) > 0.01
    assert extrapolation.extrapolate(np.array(scaled)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("extrapolation", FITS)
@pytest.mark.parametrize("total", [4, 5, 17, 1000])
def test_shots_are_split_by_the_weights_and_never_multiplied(extrapolation, total):
    shots = np.array(extrapolation.split_shots(total))
    assert shots.sum() == total
    assert shots.min() >= 1
    wanted = np.abs(extrapolation.weights) / np.abs(extrapolation.weights).sum() * total
    assert np.abs(shots - wanted).max() < max(len(shots), 1 + (1 - wanted).max())


def test_the_split_has_the_least_variance():
    """sum w_i^2 / n_i over all splits of 24 shots, by enumeration."""
    extrapolation = Extrapolation((1, 3, 5), "richardson")
    splits = [(a, b, 24 - a - b) for a in range(1, 23) for b in range(1, 24 - a)]
    best = min(splits, key=lambda split: (extrapolation.weights**2 / np.array(split)).sum())
    assert extrapolation.split_shots(24) == best
    assert Extrapolation().variance_factor == pytest.approx(4)
    assert Extrapolation().split_shots(5) == (4, 1)


def test_fewer_shots_than_scales_are_refused():
    with pytest.raises(UsageError, match="2 shots an evaluation cannot be split over 3 noise scales"):
        Extrapolation((1, 2, 3)).split_shots(2)


@needs_mitiq
def test_exponentials_end_within_probabilities():
    """From 0.8 and exactly 0.5, Mitiq's exponential through the floored logarithm ends far above 1."""
    assert Extrapolation((1, 3), "exp").extrapolate(np.array([[0.8], [0.5]])) == pytest.approx(1.0)


def test_missing_mitiq_is_told_with_the_install_line(monkeypatch):
    monkeypatch.setattr("sqsq.estimation.extrapolation.find_spec", lambda name: None)
    monkeypatch.setattr("sys.version_info", type("v", (tuple,), {})((3, 13)))
    with pytest.raises(
        UsageError, match=r"pip install 'sqsq\[zne\]' \(Mitiq needs Python < 3.13, this is 3.13\)"
    ):
        Mitigation(Extrapolation()).check_runs(5)
    Mitigation(None, "calibration").check_runs(5)


def test_mitigation_from_options():
    assert mitigation_of() == Mitigation()
    assert mitigation_of(zne_scales=(0.5,)) == Mitigation()
    both = mitigation_of(zne=True, zne_scales=(1, 5), readout="parity")
    assert both.noise_scales == (NoiseScale(), NoiseScale(5, "all", True))
    assert both.name == "zne+parity"
    with pytest.raises(UsageError, match="it needs --zne"):
        mitigation_of(readout="parity")
    with pytest.raises(UsageError, match="odd whole number"):
        mitigation_of(zne=True, zne_scales=(1, 2), readout="parity")
    with pytest.raises(UsageError, match="unknown readout 'some'"):
        mitigation_of(readout="some")


@needs_mitiq
def test_frequencies_that_do_not_fit_the_scales():
    zne = Extrapolation((1, 3), "exp")
    for frequencies, asymptote, message in (
        (
            np.zeros((3, 2)),
            0.5,
            r"frequencies have shape \(3, 2\): the first axis must be the scales, 2 of them",
        ),
        (np.full((2, 2), np.nan), 0.5, r"frequencies\[0, 0\] is nan: must be a finite number"),
        (np.zeros((2, 2)), np.zeros(3), r"asymptote has shape \(3,\): must fit \(2,\)"),
        (np.zeros((2, 2)), 1.5, "asymptote is 1.5: must be 0 to 1"),
    ):
        with pytest.raises(UsageError, match=message):
            zne.extrapolate(frequencies, asymptote)
    plain = zne.extrapolate(np.full((2, 2), 0.25))
    assert np.array_equal(zne.extrapolate([[0.25, 0.25], [0.25, 0.25]], np.float16(0.5)), plain)
