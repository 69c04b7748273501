"""The same sampling compiled by numba, for neurons with one io and one memory qubit."""

from typing import Any

import numpy as np
from numba import float32, int32, njit, uint8, uint32, uint64
from numpy.typing import NDArray

from sqsq.engines.exact.numpy_kernel import FRESH

_OPTIONS: dict[str, Any] = {
    "cache": True,
    "fastmath": True,
    "error_model": "numpy",
    "boundscheck": False,
    "nogil": True,
}
_LANES = 64
_WORD = 32


@njit(inline="always", **_OPTIONS)
def _sin_cos(x):  # type: ignore[no-untyped-def]
    """Both at once, to a float32's precision, without a branch: Cody-Waite reduction, Cephes polynomials."""
    k = np.floor(x * float32(0.63661977) + float32(0.5))
    r = x - k * float32(1.5703125)
    r = r - k * float32(4.837512969970703e-4)
    r = r - k * float32(7.54978995489188e-8)
    q = int32(k)
    z = r * r
    s = r + r * z * (
        float32(-1.6666654611e-1) + z * (float32(8.3321608736e-3) + z * float32(-1.9515295891e-4))
    )
    c = (
        float32(1)
        - float32(0.5) * z
        + z
        * z
        * (
            float32(4.166664568298827e-2)
            + z * (float32(-1.388731625493765e-3) + z * float32(2.443315711809948e-5))
        )
    )
    a = c if q & 1 else s
    b = s if q & 1 else c
    return (-a if q & 2 else a), (-b if (q + 1) & 2 else b)


@njit(**_OPTIONS)
def _write(word, out, eights, start, length):  # type: ignore[no-untyped-def]
    """Write the low bits of each word as bytes: eight at a time, the last eight overlapping."""
    rows, shots = out.shape[:2]
    for k in range(shots):
        h = k * _LANES
        if length < 8:
            for i in range(rows):
                for s in range(length):
                    out[i, k, start + s, 0] = uint8((word[h + i] >> uint32(s)) & uint32(1))
            continue
        for part in range((length + 7) // 8):
            s = min(8 * part, length - 8)
            for i in range(rows):
                byte = uint64((word[h + i] >> uint32(s)) & uint32(255))
                apart = (byte * uint64(0x0101010101010101)) & uint64(0x8040201008040201)
                carried = (apart + uint64(0x7F7F7F7F7F7F7F7F)) >> uint64(7)
                eights[i, k, start + s] = carried & uint64(0x0101010101010101)


@njit(**_OPTIONS)
def _sample(bank, index, phi, uniforms, out, eights, fresh):  # type: ignore[no-untyped-def]
    """Rows run in lanes of 64, so that each loop over lanes becomes vector instructions.

    Working arrays are flat: with more dimensions LLVM cannot tell that they do not overlap.
    """
    rows, steps = phi.shape
    shots = uniforms.shape[1]
    alike = len(index) == 1
    a = np.empty(28 * _LANES, np.float32)
    v = np.empty(shots * 5 * _LANES, np.float32)
    x = np.empty(_LANES, np.float32)
    cos = np.empty(_LANES, np.float32)
    sin = np.empty(_LANES, np.float32)
    word = np.zeros(shots * _LANES, np.uint32)
    for first in range(0, rows, _LANES):
        n = min(_LANES, rows - first)
        for k in range(shots):
            g = k * 320
            for i in range(_LANES):
                v[g + i] = float32(1)
                v[g + 64 + i] = float32(0)
                v[g + 128 + i] = float32(0)
                v[g + 192 + i] = float32(0)
                v[g + 256 + i] = float32(0)
        for t in range(steps):
            for i in range(n):
                x[i] = float32(phi[first + i, t])
            for i in range(n, _LANES):
                x[i] = float32(0)
            for i in range(_LANES):
                sin[i], cos[i] = _sin_cos(x[i])
            one = index[0, t]
            same = alike
            if not alike:
                one = index[first, t]
                same = True
                for i in range(n):
                    same &= index[first + i, t] == one
            last = t == steps - 1
            for j in range(4 if last and t > 0 else 28):
                if j < 4:
                    o, r, c = 1, 0, j
                elif j < 16:
                    o, r, c = 0, (j - 4) // 4 + 1, (j - 4) % 4
                else:
                    o, r, c = 1, (j - 16) // 4 + 1, (j - 16) % 4
                if t == 0 and c > 0:  # the state before the first step is (1, 0, 0, 0)
                    continue
                h = j * _LANES
                if same:
                    q0 = bank[one, o, 0, r, c]
                    q1 = bank[one, o, 1, r, c]
                    q2 = bank[one, o, 2, r, c]
                    for i in range(_LANES):
                        a[h + i] = q0 + cos[i] * q1 + sin[i] * q2
                else:
                    for i in range(n):
                        w = index[first + i, t]
                        a[h + i] = (
                            bank[w, o, 0, r, c] + cos[i] * bank[w, o, 1, r, c] + sin[i] * bank[w, o, 2, r, c]
                        )
                    for i in range(n, _LANES):
                        a[h + i] = float32(0)
            if t % fresh == 0:
                for k in range(shots):
                    g = k * 320
                    for i in range(n):
                        v[g + 256 + i] = uniforms[t // fresh, k, first + i] * v[g + i]
            bit = uint32(uint32(1) << uint32(t % _WORD))
            for k in range(shots):
                g = k * 320
                h = k * _LANES
                if t == 0:
                    for i in range(_LANES):
                        u = v[g + 256 + i]
                        p = a[i]
                        b = u < p
                        v[g + i] = p if b else float32(1) - p
                        v[g + 64 + i] = a[1024 + i] if b else a[256 + i]
                        v[g + 128 + i] = a[1280 + i] if b else a[512 + i]
                        v[g + 192 + i] = a[1536 + i] if b else a[768 + i]
                        v[g + 256 + i] = u - (float32(0) if b else p)
                        word[h + i] |= bit if b else uint32(0)
                    continue
                if last:  # nothing follows: the spikes are all that is needed
                    for i in range(_LANES):
                        p = (
                            a[i] * v[g + i]
                            + a[64 + i] * v[g + 64 + i]
                            + a[128 + i] * v[g + 128 + i]
                            + a[192 + i] * v[g + 192 + i]
                        )
                        word[h + i] |= bit if v[g + 256 + i] < p else uint32(0)
                    continue
                for i in range(_LANES):
                    v0 = v[g + i]
                    v1 = v[g + 64 + i]
                    v2 = v[g + 128 + i]
                    v3 = v[g + 192 + i]
                    u = v[g + 256 + i]
                    p = a[i] * v0 + a[64 + i] * v1 + a[128 + i] * v2 + a[192 + i] * v3
                    b = u < p
                    n1 = a[256 + i] * v0 + a[320 + i] * v1 + a[384 + i] * v2 + a[448 + i] * v3
                    n2 = a[512 + i] * v0 + a[576 + i] * v1 + a[640 + i] * v2 + a[704 + i] * v3
                    n3 = a[768 + i] * v0 + a[832 + i] * v1 + a[896 + i] * v2 + a[960 + i] * v3
                    m1 = a[1024 + i] * v0 + a[1088 + i] * v1 + a[1152 + i] * v2 + a[1216 + i] * v3
                    m2 = a[1280 + i] * v0 + a[1344 + i] * v1 + a[1408 + i] * v2 + a[1472 + i] * v3
                    m3 = a[1536 + i] * v0 + a[1600 + i] * v1 + a[1664 + i] * v2 + a[1728 + i] * v3
                    v[g + i] = p if b else v0 - p
                    v[g + 64 + i] = m1 if b else n1
                    v[g + 128 + i] = m2 if b else n2
                    v[g + 192 + i] = m3 if b else n3
                    v[g + 256 + i] = u - (float32(0) if b else p)
                    word[h + i] |= bit if b else uint32(0)
            if t % _WORD == _WORD - 1 or t == steps - 1:
                start = t - t % _WORD
                block = slice(first, first + n)
                _write(word, out[block], eights[block], start, t - start + 1)
                for i in range(shots * _LANES):
                    word[i] = uint32(0)


def sample_spikes(
    bank: NDArray[np.float32],
    index: NDArray[np.int32],
    phi: NDArray[np.float64],
    uniforms: NDArray[np.float32],
    out: NDArray[np.uint8],
) -> None:
    """Draw spikes of neurons with D = 4 and two patterns.

    Args:
        bank: Instruments, shape (I, 2, 3, 4, 4).
        index: Which instrument each row uses at each step, shape (rows, T), or (1, T) for all alike.
        phi: Current angles, radians, shape (rows, T).
        uniforms: Uniform numbers, shape (draws, shots, rows), one draw for every ``FRESH`` steps.
        out: Spikes to fill, shape (rows, shots, T, 1).
    """
    # a constant of another module must not be compiled in: numba's cache would not see it change
    rows, shots, steps, _ = out.shape
    # the same memory, eight bytes from any one on
    eights: NDArray[np.uint64] = np.ndarray(
        (rows, shots, max(steps - 7, 0)), np.uint64, out, 0, (shots * steps, steps, 1)
    )
    _sample(bank, index, phi, uniforms, out, eights, FRESH)
