"""Whole networks step by step: every neuron an instrument, spikes passed on as they are drawn."""

import hashlib
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sqsq.engines.exact.instrument import polynomial_basis
from sqsq.engines.exact.numpy_kernel import draw_step, rows_at_once, step_matrices
from sqsq.engines.exact.stream import bounds
from sqsq.model import NEXT_STEP, SAME_STEP, angles_of_currents, input_currents, input_spikes, order_levels
from sqsq.tables import EvaluationTable, NetworkTable, Spikes, Template

if TYPE_CHECKING:
    from sqsq.engines.exact.engine import ExactEngine

FloatArray = NDArray[np.float64]


def run_network(engine: "ExactEngine", table: NetworkTable, seed: int) -> Spikes:
    """Draw the spikes of a whole network.

    Any fan-in will do: currents are summed up, not lowered to conditional rotations.

    Returns:
        Spikes, uint8, shape (evaluations, shots, T, members, channels).
    """
    content = hashlib.sha256(f"{seed}/network/".encode() + table.digest).digest()
    rng = np.random.default_rng(int.from_bytes(content, "little"))
    network, members = table.network, list(table.members)
    between = network.between_neurons[np.ix_(members, members)]
    spikes = np.zeros(table.spikes_shape, np.uint8)
    flat = spikes.reshape(-1, *spikes.shape[2:])  # one row a shot, the same memory
    external = _external_currents(table)
    banks = [_instruments(engine, table, i) for i in members]
    states: list[FloatArray] = [np.zeros((bank.shape[-1], len(flat))) for bank, _ in banks]
    for state in states:
        state[0] = 1
    levels, _ = order_levels(between == SAME_STEP)
    for step in range(table.steps):
        for k in (k for level in levels for k in level):
            current = external[k][:, step].copy()
            for delay in (SAME_STEP, NEXT_STEP):
                sources = np.flatnonzero(between[k] == delay)
                if sources.size and step >= delay:
                    arriving = flat[:, step - delay, sources]
                    current += _fed_forward(table, k, sources, arriving)
            bank, kinds = banks[k]
            drawn = rng.random(len(flat))
            phi = angles_of_currents(current, network.neurons[members[k]].definition.rectified)
            pattern, states[k] = _draw(bank[kinds[step]], phi, states[k], drawn)
            for n in range(current.shape[1]):
                flat[:, step, k, n] = (pattern >> n) & 1
    return spikes


def _external_currents(table: NetworkTable) -> list[FloatArray]:
    """What input lines send into each member, shape (evaluations * shots, T, N)."""
    arriving = input_spikes(table.network, table.inputs)
    return [
        np.repeat(
            input_currents(table.network, (i,), table.parameters.weights, arriving)[..., 0, :, :],
            table.shots,
            axis=0,
        )
        for i in table.members
    ]


def _instruments(
    engine: "ExactEngine", table: NetworkTable, neuron: int
) -> tuple[FloatArray, NDArray[np.int32]]:
    """The instruments of a neuron, shape (distinct, 2^N, 3^N, D, D), and which one each step uses."""
    kind = table.network.neurons[neuron]
    template = Template(kind, table.steps)
    theta = table.parameters.theta[neuron, : len(kind.angles)]
    alone = EvaluationTable(
        template, np.zeros((1, *template.phi_shape)), np.broadcast_to(theta, (1, *template.theta_shape)), 1
    )
    bank, index = engine.instruments(alone, slice(0, 1))
    return bank, index[0]


def _fed_forward(
    table: NetworkTable, k: int, sources: NDArray[np.intp], arriving: NDArray[np.uint8]
) -> FloatArray:
    """The currents that spikes of some members send into member k, shape (rows, N)."""
    i = table.members[k]
    io_qubits = table.network.neurons[i].io_qubits
    total = np.zeros((len(arriving), io_qubits))
    for place, source in enumerate(sources):
        sender = table.members[source]
        alike = table.network.neurons[sender].io_qubits == 1
        weights = table.parameters.weights[i, table.network.inputs + sender, :io_qubits]
        emitted = arriving[:, place, :1] if alike else arriving[:, place, :io_qubits]
        total += emitted * weights
    return total


def _draw(
    bank: FloatArray, phi: FloatArray, state: FloatArray, uniform: FloatArray
) -> tuple[NDArray[np.unsignedinteger], FloatArray]:
    """One step of one neuron: the spike pattern of each row, and its normalised state after it.

    Args:
        bank: The instrument, shape (2^N, F, D, D).
        phi: Current angles, radians, shape (rows, N).
        state: Before the step, shape (D, rows).
        uniform: Uniform numbers, shape (rows,).
    """
    rows = len(phi)
    pattern = np.empty(rows, np.min_scalar_type(len(bank) - 1))
    after = np.empty_like(state)
    left = np.clip(uniform, *bounds(uniform.dtype))
    index = np.zeros(1, np.int32)
    width = rows_at_once(len(bank), len(state), 1)
    for first in range(0, rows, width):
        block = slice(first, first + width)
        matrices = step_matrices(bank[None], index, polynomial_basis(phi[block]).T, state.dtype)
        drawn, reached, _ = draw_step(matrices, state[:, None, block], left[None, block])
        pattern[block] = drawn[0]
        after[:, block] = reached[:, 0] / reached[0]
    return pattern, after
