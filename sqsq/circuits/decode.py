"""From classical bits back to spikes."""

import numpy as np
from numpy.typing import NDArray


def spikes_from_hex(memory: list[str], steps: int, io_qubits: int, readings: int = 1) -> NDArray[np.uint8]:
    """Decode shots written as hexadecimal numbers.

    Args:
        memory: One number a shot, such as ``0x2f``; bit r*T*N + t*N + n is reading r of the spike of io
            qubit n at step t.
        steps: T.
        io_qubits: N.
        readings: How often each spike was read.

    Returns:
        Spikes, uint8, shape (shots, T, N).
    """
    bits = readings * steps * io_qubits
    width = -(-bits // 8)
    raw = b"".join(int(word, 16).to_bytes(width, "little") for word in memory)
    packed = np.frombuffer(raw, np.uint8).reshape(len(memory), width)
    unpacked = np.unpackbits(packed, axis=1, count=bits, bitorder="little")
    return parity(unpacked, readings).reshape(len(memory), steps, io_qubits)


def parity(bits: NDArray[np.uint8], readings: int) -> NDArray[np.uint8]:
    """The parity of the readings of each bit.

    Args:
        bits: uint8, shape (..., readings * n): bit r*n + j is reading r of bit j.
        readings: How often each bit was read.

    Returns:
        uint8, shape (..., n).
    """
    if readings == 1:
        return bits
    folded: NDArray[np.uint8] = np.bitwise_xor.reduce(bits.reshape(*bits.shape[:-1], readings, -1), axis=-2)
    return folded
