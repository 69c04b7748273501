"""Damage to files: flipped, cut, repeated, exchanged and overwritten bytes."""

from hypothesis import strategies as st


@st.composite
def damaged(draw, content):
    """A damaged copy of some bytes."""
    kind = draw(st.sampled_from(["flip", "cut", "fill", "exchange", "insert", "repeat"]))
    place = draw(st.integers(0, max(len(content) - 1, 0)))
    other = draw(st.integers(0, max(len(content) - 1, 0)))
    low, high = min(place, other), max(place, other)
    spoiled = bytearray(content)
    if kind == "flip":
        for _ in range(draw(st.integers(1, 3))):
            spoiled[draw(st.integers(0, len(content) - 1))] ^= 1 << draw(st.integers(0, 7))
    elif kind == "cut":
        del spoiled[place:]
    elif kind == "fill":
        spoiled[low:high] = bytes([draw(st.integers(0, 255))]) * (high - low)
    elif kind == "exchange":
        spoiled[low], spoiled[high] = spoiled[high], spoiled[low]
    elif kind == "insert":
        spoiled[place:place] = draw(st.binary(min_size=1, max_size=8))
    else:
        spoiled[high:high] = spoiled[low:high]
    return bytes(spoiled)
