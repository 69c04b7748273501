"""With which frequencies expectation values oscillate in the angles of a few gates, by calculation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqsq.model.ansatz_definition import AnsatzGate
from sqsq.model.shift_rule import shift_rule
from sqsq.model.standard_gates import BARRIER, gate_class

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]

_SAMPLES = 128
_PERIOD = 8 * np.pi
"""One period of every multiple of 1/4; 128 samples tell multiples up to 63/4 apart."""
_NOTHING = 1e-9
"""An amplitude that is rounding."""
_TOLERANCE = 1e-8
"""How far a series may be from what it describes, for observables of about 1."""
_SHIFT_TOLERANCE = 1e-6
"""How far a shift rule may be from the derivative, relative to the fastest oscillation."""
_MAGNIFIED = 1e3
"""Coefficients of a shift rule that add up to more than so many times the fastest oscillation magnify errors
by more than anybody can pay for; those of a usual rule add up to about it."""
_LONGEST = 1e5
"""Radians over which slow frequencies are looked at: beyond, rounding of the angles shows."""


def evolve(gates: Sequence[AnsatzGate], theta: FloatArray, states: ComplexArray) -> ComplexArray:
    """Run gates on state vectors.

    Args:
        gates: The gates.
        theta: Angles, radians, shape (rows or 1, K).
        states: Shape (rows or 1, 2^qubits); bit q of an index is qubit q, as in Qiskit.

    Returns:
        Shape (rows, 2^qubits), or (1, 2^qubits) where all rows are alike.
    """
    qubits = states.shape[1].bit_length() - 1
    for gate in gates:
        if gate.name != BARRIER:
            states = _applied(_matrices(gate, theta), gate.qubits, states, qubits)
    return states


def unitary(gates: Sequence[AnsatzGate], theta: FloatArray, qubits: int) -> ComplexArray:
    """The matrix of gates at angles theta, shape (K,), in Qiskit's order of qubits."""
    return evolve(gates, theta[None], np.eye(2**qubits, dtype=np.complex128)).T


@dataclass(frozen=True, eq=False)
class Oscillation:
    """The expectation value of a random observable in a random state, as a function of one angle.

    The other angles are random too (fixed seed), so every frequency that the angle has shows.

    Attributes:
        gates: The gates.
        others: Values of all angles, shape (K,).
        angle: Which one is free.
        state: Shape (2^qubits,).
        observable: Shape (2^qubits, 2^qubits), of norm about 1.
    """

    gates: Sequence[AnsatzGate]
    others: FloatArray
    angle: int
    state: ComplexArray
    observable: ComplexArray

    def at(self, values: FloatArray) -> FloatArray:
        """The expectation value at each value of the free angle, shape (values,)."""
        theta = np.tile(self.others, (len(values), 1))
        theta[:, self.angle] = values
        evolved = evolve(self.gates, theta, self.state[None])
        expectation = np.real(
            np.einsum("ri,ij,rj->r", evolved.conj(), self.observable, evolved, optimize=True)
        )
        return np.broadcast_to(expectation, values.shape)

    def find_frequencies(self) -> tuple[float, ...] | None:
        """The positive frequencies, increasing; None where they are not multiples of 1/4 below 16.

        The function is sampled over one period of 8 pi, frequencies are read off its Fourier transform, and
        the series is checked between the samples.
        """
        between = np.random.default_rng(3).uniform(0, _PERIOD, 3)
        grid = np.append(np.arange(_SAMPLES) * _PERIOD / _SAMPLES, between)
        values = self.at(grid)
        spectrum = np.fft.rfft(values[:_SAMPLES]) / _SAMPLES
        kept = [k for k in range(1, _SAMPLES // 2) if abs(spectrum[k]) > _NOTHING]
        series = np.full(len(grid), np.real(spectrum[0]))
        for k in kept:
            series += 2 * np.real(spectrum[k] * np.exp(2j * np.pi * k * grid / _PERIOD))
        return None if np.abs(series - values).max() > _TOLERANCE else tuple(k / 4 for k in kept)

    def has_frequencies(self, frequencies: tuple[float, ...]) -> bool:
        """Whether it is a constant and a sum of oscillations with some of these frequencies.

        A series is fitted to values at random points and checked at others.
        """
        omega = np.array(frequencies)
        slowest = np.diff(np.sort(omega), prepend=0.0).min(initial=1.0)
        width = min(4 * np.pi / slowest, _LONGEST)
        count = 4 * (2 * len(omega) + 1)
        points = np.random.default_rng(4).uniform(-width, width, count + 8)
        values = self.at(points)
        series = np.concatenate(
            [np.ones((len(points), 1)), np.cos(np.outer(points, omega)), np.sin(np.outer(points, omega))],
            axis=1,
        )
        fitted = np.linalg.lstsq(series[:count], values[:count], rcond=None)[0]
        return bool(np.abs(series @ fitted - values).max() <= _TOLERANCE)

    def shift_rule_holds(self, frequencies: tuple[float, ...]) -> bool:
        """Whether the shift rule of some frequencies gives the derivative, and does not magnify errors."""
        try:
            rule = shift_rule(frequencies)
        except np.linalg.LinAlgError:  # frequencies too near each other
            return False
        points = np.random.default_rng(5).uniform(-3, 3, 4)
        shifts, coefficients = np.array(rule).T
        fastest = max(1.0, sum(self._turns()))
        if np.abs(coefficients).sum() > _MAGNIFIED * fastest:
            return False
        around = points[:, None] + np.concatenate([shifts, -shifts])
        by_rule = self.at(around.ravel()).reshape(around.shape) @ np.concatenate(
            [coefficients, -coefficients]
        )
        step = 1e-2 / fastest
        near = self.at((points[:, None] + step * np.arange(-2, 3)).ravel()).reshape(-1, 5)
        derivative = near @ np.array([1, -8, 0, 8, -1]) / (12 * step)
        return bool(np.abs(by_rule - derivative).max() <= _SHIFT_TOLERANCE * fastest)

    def _turns(self) -> list[float]:
        """How fast each gate turns with the free angle; no frequency is above their sum."""
        angles = (angle for gate in self.gates for angle in gate.angles)
        return [abs(slope) for angle in angles for k, slope in angle.slopes if k == self.angle]


def oscillation_of(gates: Sequence[AnsatzGate], qubits: int, angles: int, angle: int) -> Oscillation:
    """A random state, observable and other angles, the same every time."""
    dimension = 2**qubits
    rng = np.random.default_rng([dimension, angle])
    parts = rng.normal(size=(4, dimension, dimension))
    matrix = parts[0] + 1j * parts[1]
    state = parts[2, 0] + 1j * parts[3, 0]
    return Oscillation(
        gates,
        rng.uniform(-3, 3, angles),
        angle,
        state / np.linalg.norm(state),
        (matrix + matrix.conj().T) / np.sqrt(8 * dimension),
    )


def _matrices(gate: AnsatzGate, theta: FloatArray) -> ComplexArray:
    """The matrix of a gate for each row of theta, shape (rows or 1, D, D)."""
    make = gate_class(gate.name)
    used = [k for angle in gate.angles for k, _ in angle.slopes]
    if (theta[:, used] == theta[0, used]).all():
        theta = theta[:1]
    rows = [make(*(float(angle.at(row)) for angle in gate.angles)).to_matrix() for row in theta]
    return np.array(rows, dtype=np.complex128)


def _applied(
    matrices: ComplexArray, places: tuple[int, ...], states: ComplexArray, qubits: int
) -> ComplexArray:
    axes = [qubits - place for place in reversed(places)]  # the last qubit of a gate is the most significant
    front = list(range(1, 1 + len(axes)))
    moved = np.moveaxis(states.reshape(-1, *(2,) * qubits), axes, front)
    after = matrices @ moved.reshape(len(states), 2 ** len(axes), -1)
    back = np.moveaxis(after.reshape(len(after), *moved.shape[1:]), front, axes)
    return np.ascontiguousarray(back).reshape(len(after), -1)
