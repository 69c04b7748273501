"""The same sampling compiled by numba, for neurons with one io and one memory qubit.

Spikes are those of the NumPy kernel, bit for bit: no ``fastmath``, and every product and every sum in
its order. What other modules define comes as an argument: numba's cache would not see it change.
"""

from typing import Any

import numpy as np
from numba import float32, float64, int32, njit, uint8, uint32, uint64
from numpy.typing import NDArray

from sqsq.engines.exact.angles import within_reach
from sqsq.engines.exact.stream import bounds

_OPTIONS: dict[str, Any] = {
    "cache": True,
    "error_model": "numpy",
    "boundscheck": False,
    "nogil": True,
}
_LANES = 64
_WORD = 32
_SHOTS = 256
"""Shots of a lane at once: their vectors stay in a processor's second cache."""


@njit(inline="always", **_OPTIONS)
def _cosine_sine(x):  # type: ignore[no-untyped-def]
    """``angles.cosine_and_sine`` of one angle within reach, without a branch."""
    k = np.floor(x * float64(0.6366197723675814) + float64(0.5))
    r = x - k * float64(1.570796251296997)
    r = r - k * float64(7.549789415861596e-08)
    r = r - k * float64(5.39030083589187e-15)
    r = r - k * float64(2.0222662487959506e-21)
    z = r * r
    s = float64(1.58969099521155010221e-10) * z + float64(-2.50507602534068634195e-08)
    s = s * z + float64(2.75573137070700676789e-06)
    s = s * z + float64(-1.98412698298579493134e-04)
    s = s * z + float64(8.33333333332248946124e-03)
    s = s * z + float64(-1.66666666666666324348e-01)
    s = s * (r * z) + r
    c = float64(-1.13596475577881948265e-11) * z + float64(2.08757232129817482790e-09)
    c = c * z + float64(-2.75573143513906633035e-07)
    c = c * z + float64(2.48015872894767294178e-05)
    c = c * z + float64(-1.38888888888741095749e-03)
    c = c * z + float64(4.16666666666666019037e-02)
    c = c * (z * z) + (float64(1) - float64(0.5) * z)
    q = int32(k)
    sine = c if q & 1 else s
    cosine = s if q & 1 else c
    return (-cosine if (q + 1) & 2 else cosine), (-sine if q & 2 else sine)


@njit(**_OPTIONS)
def _write(word, out, eights, place, length, lanes):  # type: ignore[no-untyped-def]
    """Write the low bits of each word as bytes, from its place on: eight at a time, the last overlapping."""
    if length < 8:
        for i in range(lanes):
            for s in range(length):
                out[uint64(place[i] + s)] = uint8((word[i] >> uint32(s)) & uint32(1))
        return
    for part in range((length + 7) // 8):
        s = min(8 * part, length - 8)
        for i in range(lanes):
            byte = uint64((word[i] >> uint32(s)) & uint32(255))
            apart = (byte * uint64(0x0101010101010101)) & uint64(0x8040201008040201)
            carried = (apart + uint64(0x7F7F7F7F7F7F7F7F)) >> uint64(7)
            eights[uint64(place[i] + s)] = carried & uint64(0x0101010101010101)


@njit(**_OPTIONS)
def _sample(  # type: ignore[no-untyped-def]
    bank, index, phi, uniforms, out, eights, steps_per_draw, least, most
):
    """Rows run in lanes of 64, so that each loop over lanes becomes vector instructions.

    Where there are fewer rows, each has several lanes, which share its shots. Working arrays are flat:
    with more dimensions LLVM cannot tell that they do not overlap.
    """
    rows, steps = phi.shape
    shots = uniforms.shape[1]
    a = np.zeros(28 * _LANES, np.float32)
    v = np.empty(min(shots, _SHOTS) * 5 * _LANES, np.float32)
    x = np.empty(_LANES, np.float64)
    cos = np.empty(_LANES, np.float64)
    sin = np.empty(_LANES, np.float64)
    short_cos = np.empty(_LANES, np.float32)
    short_sin = np.empty(_LANES, np.float32)
    word = np.zeros(min(shots, _SHOTS) * _LANES, np.uint32)
    row = np.zeros(_LANES, np.int64)
    shot = np.zeros(_LANES, np.int64)
    place = np.zeros(_LANES, np.int64)
    for first in range(0, rows, _LANES):
        n = min(_LANES, rows - first)
        each = -(-shots // (_LANES // n))
        lanes = n * -(-shots // each)
        for i in range(lanes):
            row[i] = first + i % n
        for begin in range(0, each, _SHOTS):
            several = min(_SHOTS, each - begin)
            for i in range(lanes):
                shot[i] = i // n * each + begin
            for t in range(steps):
                for i in range(lanes):
                    x[i] = phi[row[i], t]
                for i in range(lanes, _LANES):
                    x[i] = float64(0)
                for i in range(_LANES):
                    cos[i], sin[i] = _cosine_sine(x[i])
                for i in range(_LANES):
                    short_cos[i] = float32(cos[i])
                    short_sin[i] = float32(sin[i])
                one = index[0, t]
                same = True
                if len(index) > 1:
                    one = index[first, t]
                    for i in range(n):
                        same &= index[first + i, t] == one
                last = t == steps - 1
                for j in range(4 if last else 28):
                    h = j * _LANES
                    if t == 0 and j % 4 > 0:  # the state before the first step is (1, 0, 0, 0)
                        continue
                    if j < 4:  # the probability of a spike
                        if same:
                            q0, q1, q2 = bank[one, 1, 0, 0, j], bank[one, 1, 1, 0, j], bank[one, 1, 2, 0, j]
                            for i in range(_LANES):
                                a[h + i] = float32(q0 + q1 * cos[i] + q2 * sin[i])
                        else:
                            for i in range(lanes):
                                w = index[row[i], t]
                                q0, q1, q2 = bank[w, 1, 0, 0, j], bank[w, 1, 1, 0, j], bank[w, 1, 2, 0, j]
                                a[h + i] = float32(q0 + q1 * cos[i] + q2 * sin[i])
                        continue
                    o = (j - 4) // 12
                    r = (j - 4) // 4 % 3 + 1
                    c = j % 4
                    if same:
                        s0 = float32(bank[one, o, 0, r, c])
                        s1 = float32(bank[one, o, 1, r, c])
                        s2 = float32(bank[one, o, 2, r, c])
                        for i in range(_LANES):
                            a[h + i] = s0 + s1 * short_cos[i] + s2 * short_sin[i]
                    else:
                        for i in range(lanes):
                            w = index[row[i], t]
                            s0 = float32(bank[w, o, 0, r, c])
                            s1 = float32(bank[w, o, 1, r, c])
                            s2 = float32(bank[w, o, 2, r, c])
                            a[h + i] = s0 + s1 * short_cos[i] + s2 * short_sin[i]
                if t % steps_per_draw == 0:
                    draw = t // steps_per_draw
                    for k in range(several):
                        g = k * 320
                        if t == 0:
                            for i in range(_LANES):
                                v[g + 64 + i] = float32(0)
                                v[g + 128 + i] = float32(0)
                                v[g + 192 + i] = float32(0)
                                v[g + 256 + i] = float32(0.5)
                        else:
                            for i in range(_LANES):
                                inverse = float32(1) / v[g + i]
                                v[g + 64 + i] *= inverse
                                v[g + 128 + i] *= inverse
                                v[g + 192 + i] *= inverse
                        for i in range(_LANES):
                            v[g + i] = float32(1)
                        if lanes == n:
                            for i in range(n):
                                v[g + 256 + i] = uniforms[draw, begin + k, first + i]
                        else:
                            for i in range(lanes):
                                if shot[i] + k < shots:
                                    v[g + 256 + i] = uniforms[draw, shot[i] + k, row[i]]
                bit = uint32(uint32(1) << uint32(t % _WORD))
                for k in range(several):
                    g = k * 320
                    h = k * _LANES
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
                        rest = p if b else v0 - p
                        u = u - (float32(0) if b else p)
                        low = least * rest
                        high = most * rest
                        u = low if u < low else u
                        v[g + i] = rest
                        v[g + 64 + i] = m1 if b else n1
                        v[g + 128 + i] = m2 if b else n2
                        v[g + 192 + i] = m3 if b else n3
                        v[g + 256 + i] = high if u > high else u
                        word[h + i] |= bit if b else uint32(0)
                if t % _WORD == _WORD - 1 or last:
                    start = t - t % _WORD
                    for k in range(several):
                        busy = lanes
                        while shot[busy - 1] + k >= shots:
                            busy -= n
                        for i in range(busy):
                            place[i] = (row[i] * shots + shot[i] + k) * steps + start
                        own = word[k * _LANES : (k + 1) * _LANES]
                        _write(own, out, eights, place, t - start + 1, busy)
                        for i in range(_LANES):
                            own[i] = uint32(0)


def sample_spikes(
    bank: NDArray[np.float64],
    index: NDArray[np.int32],
    phi: NDArray[np.float64],
    uniforms: NDArray[np.float32],
    out: NDArray[np.uint8],
    steps_per_draw: int,
) -> None:
    """Draw spikes of neurons with D = 4 and two patterns.

    Args:
        bank: Instruments, shape (I, 2, 3, 4, 4).
        index: Which instrument each row uses at each step, shape (rows, T), or (1, T) for all alike.
        phi: Current angles, radians, shape (rows, T).
        uniforms: Uniform numbers, shape (draws, shots, rows), one draw for every ``steps_per_draw`` steps.
        out: Spikes to fill, shape (rows, shots, T, 1), contiguous.
        steps_per_draw: How many steps a uniform number drives.
    """
    # the same memory, eight bytes from any one on
    eights: NDArray[np.uint64] = np.ndarray((max(out.size - 7, 0),), np.uint64, out, 0, (1,))
    least, most = bounds(uniforms.dtype)
    _sample(bank, index, within_reach(phi), uniforms, out.reshape(-1), eights, steps_per_draw, least, most)
