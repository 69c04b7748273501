"""From classical bits back to spikes."""

import numpy as np
from numpy.typing import NDArray


def spikes_from_hex(memory: list[str], steps: int, io_qubits: int) -> NDArray[np.uint8]:
    """Decode shots written as hexadecimal numbers.

    Args:
        memory: One number a shot, such as ``0x2f``; bit t*N + n is the spike of io qubit n at step t.
        steps: T.
        io_qubits: N.

    Returns:
        Spikes, uint8, shape (shots, T, N).
    """
    bits = steps * io_qubits
    width = -(-bits // 8)
    raw = b"".join(int(word, 16).to_bytes(width, "little") for word in memory)
    packed = np.frombuffer(raw, np.uint8).reshape(len(memory), width)
    unpacked = np.unpackbits(packed, axis=1, count=bits, bitorder="little")
    return unpacked.reshape(len(memory), steps, io_qubits)
