"""What does this neuron remember? Exact answers from its instruments, no shots."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import real_array, whole_number
from sqsq.engines.circuit_sources import circuits_of
from sqsq.engines.exact.answers import marginals, matrices_of
from sqsq.engines.exact.engine import ExactEngine
from sqsq.engines.exact.hankel import hankel_margin, hankel_rank
from sqsq.engines.exact.idle_angles import angles_without_effect
from sqsq.errors import UsageError
from sqsq.model import Neuron
from sqsq.tables import MOST_STEPS, EvaluationTable, Template

FloatArray = NDArray[np.float64]
MOST_ANGLES = 10_000_000
"""Currents to look at: draws, times T, times N."""
NOTICEABLE = 0.05
"""Moves of a spike probability, and dependences, up to this are called weak: to tell two probabilities that
differ by it takes some 800 shots of each."""
_ROUNDING = 1e-9
"""Exact answers that are no larger are 0 but for rounding."""


@dataclass(frozen=True, eq=False)
class Inspection:
    """What a neuron remembers, over random currents (and random angles where none are given).

    Attributes:
        neuron: The neuron.
        backend: ``exact`` or ``exact:fake_<device>``.
        input_memory: How far p(s_t = 1) of io qubit 0 can move when the currents d steps earlier change, for
            d = 0 ... T-1: the largest move among the draws, shape (T,).
        spike_memory: How strongly the spikes of io qubit 0 at two steps d apart depend on each other,
            given the currents: the largest |P(s, s') - P(s) P(s')|, shape (T,); 0 at d = 0.
        draws: How many draws there were; a memory that none of them showed is not ruled out.
        hankel_rank: The largest rank of the Hankel matrix of spike trains at constant currents.
        classical_states: 2^(N^M): if the rank is larger, no hidden Markov model of so many classical
            states explains the spikes; if it is not, that says nothing.
        hankel_margin: By how much, at most: see ``hankel_margin``.
        idle_angles: Angles that have no effect on the spikes of an ideal neuron.
    """

    neuron: Neuron
    backend: str
    input_memory: FloatArray
    spike_memory: FloatArray
    draws: int
    hankel_rank: int
    classical_states: int
    hankel_margin: float
    idle_angles: tuple[str, ...]

    def steps_of(self, memory: FloatArray, threshold: float = NOTICEABLE) -> int:
        """For how many steps a memory lasts: the largest d with more than ``threshold``, 0 for none."""
        lags = np.flatnonzero(memory[1:] > threshold)
        return int(lags[-1]) + 1 if lags.size else 0

    def verdict(self, memory: FloatArray) -> str:
        """A memory in words: ``none``, ``weak (at most 0.012)`` or ``3 steps (at most 0.41)``."""
        largest, steps = float(memory[1:].max()), self.steps_of(memory)
        if largest <= _ROUNDING:
            return "none"
        length = f"{steps} step{'s' if steps > 1 else ''}" if steps else "weak"
        return f"{length} (at most {largest:.2g})"

    def summary(self) -> dict[str, Any]:
        """The figures, as JSON types."""
        return {
            "ansatz": self.neuron.ansatz,
            "io_qubits": self.neuron.io_qubits,
            "memory_qubits": self.neuron.memory_qubits,
            "backend": self.backend,
            "input_memory": self.input_memory.tolist(),
            "input_memory_steps": self.steps_of(self.input_memory),
            "input_memory_verdict": self.verdict(self.input_memory),
            "spike_memory": self.spike_memory.tolist(),
            "spike_memory_steps": self.steps_of(self.spike_memory),
            "spike_memory_verdict": self.verdict(self.spike_memory),
            "threshold": NOTICEABLE,
            "draws": self.draws,
            "hankel_rank": self.hankel_rank,
            "classical_states": self.classical_states,
            "classical_states_ruled_out": self.hankel_rank > self.classical_states,
            "hankel_margin": self.hankel_margin,
            "angles_without_effect": list(self.idle_angles),
        }


def inspect_neuron(
    neuron: Neuron,
    *,
    theta: FloatArray | None = None,
    backend: str = "exact",
    steps: int = 6,
    draws: int = 20,
    seed: int = 0,
) -> Inspection:
    """Find out what a neuron remembers.

    Args:
        neuron: The neuron.
        theta: Its trained angles, shape (K,); by default angles are drawn at random.
        backend: ``exact`` or ``exact:fake_<device>``.
        steps: T, at least 2.
        draws: Random currents (and angles) to look at.
        seed: The seed of those.

    Raises:
        UsageError: If T or the draws are too few or too many, theta has another shape or is not finite, or
            the backend is not an exact one.
        BackendError: If the device cannot run the neuron.
    """
    steps = whole_number(steps, "steps", 2, MOST_STEPS)
    draws = whole_number(draws, "draws", 1, MOST_ANGLES // steps // neuron.io_qubits)
    if backend.partition(":")[0] != "exact":
        raise UsageError(f"backend {backend!r}: inspection needs exact or exact:fake_<device>")
    if theta is not None:
        theta = real_array(theta, "theta", (len(neuron.angles),))
    engine = ExactEngine(backend, circuits_of(backend.partition(":")[2], idle_noise=True), seed)
    template = Template(neuron, steps)
    rng = np.random.default_rng(seed)
    angles = rng.uniform(-np.pi, np.pi, (draws, len(neuron.angles))) if theta is None else theta[None]
    angles = np.broadcast_to(angles, (draws, len(neuron.angles)))
    phi = rng.uniform(0, np.pi, (draws, *template.phi_shape))
    constant = list(_constant_current_matrices(engine, template, phi, angles))
    classical = 2**neuron.memory_qubits
    return Inspection(
        neuron,
        backend,
        _input_memory(engine, template, phi, angles, rng),
        _spike_memory(engine, template, phi, angles),
        draws,
        max(hankel_rank(each) for each in constant),
        classical,
        max(hankel_margin(each, classical) for each in constant),
        angles_without_effect(neuron),
    )


def _table(template: Template, phi: FloatArray, angles: FloatArray) -> EvaluationTable:
    theta = np.repeat(angles[:, None], template.steps, axis=1)
    return EvaluationTable(template, phi, theta, shots=1)


def _spike_probability(engine: ExactEngine, table: EvaluationTable) -> FloatArray:
    """p(s_t = 1) of io qubit 0, shape (rows, T)."""
    patterns = marginals(engine, table)
    probability: FloatArray = patterns[..., 1::2].sum(axis=-1)
    return probability


def _input_memory(
    engine: ExactEngine, template: Template, phi: FloatArray, angles: FloatArray, rng: np.random.Generator
) -> FloatArray:
    before = _spike_probability(engine, _table(template, phi, angles))[:, -1]
    moved = np.empty(template.steps)
    for lag in range(template.steps):
        other = phi.copy()
        other[:, -1 - lag] = rng.uniform(0, np.pi, other[:, 0].shape)
        after = _spike_probability(engine, _table(template, other, angles))[:, -1]
        moved[lag] = np.abs(after - before).max()
    return moved


def _spike_memory(engine: ExactEngine, template: Template, phi: FloatArray, angles: FloatArray) -> FloatArray:
    """Two-step distributions: propagate averaged states, split at the first of two steps."""
    result = np.zeros(template.steps)
    for _, matrices in matrices_of(engine, _table(template, phi, angles)):
        spike = matrices[:, :, 1::2].sum(axis=2)
        total = matrices.sum(axis=2)
        for first in range(template.steps):
            state = np.zeros((len(matrices), matrices.shape[-1]))
            state[:, 0] = 1
            for t in range(first):
                state = np.einsum("rij,rj->ri", total[:, t], state)
            both = np.einsum("rij,rj->ri", spike[:, first], state)
            either = np.einsum("rij,rj->ri", total[:, first], state)
            p_first = both[:, 0].copy()
            for t in range(first + 1, template.steps):
                p_both = np.einsum("rj,rj->r", spike[:, t, 0], both)
                p_second = np.einsum("rj,rj->r", spike[:, t, 0], either)
                lag = t - first
                result[lag] = max(result[lag], np.abs(p_both - p_first * p_second).max())
                both = np.einsum("rij,rj->ri", total[:, t], both)
                either = np.einsum("rij,rj->ri", total[:, t], either)
    return result


def _constant_current_matrices(
    engine: ExactEngine, template: Template, phi: FloatArray, angles: FloatArray
) -> Iterator[FloatArray]:
    """What each spike pattern does to the memory at constant currents, one draw after the other."""
    constant = np.repeat(phi[:, :1], template.steps, axis=1)
    for _, matrices in matrices_of(engine, _table(template, constant, angles)):
        yield from matrices
