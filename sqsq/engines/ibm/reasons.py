"""Why jobs end without a result, and whether sending the same job again can help."""

import re

_REMEDIES = (
    (
        r"ran (too )?long|too long to run|maximum execution time|time limit|timed? out|\b1305\b",
        "begin a run with smaller jobs (--job-seconds)",
    ),
    (
        r"too large|exceeds? the (maximum )?(size|payload)|payload|\b413\b|input size|larger than",
        "begin a run with smaller jobs (--job-seconds), or pack fewer neurons (--pack)",
    ),
    (
        r"not supported|unsupported|not in the (target|basis)|invalid (circuit|program|input|instruction)"
        r"|validation|isa circuit|\b(1517|1524|1603|8067)\b(?=.*(instruction|circuit|input))",
        "the device does not take this circuit: choose another device",
    ),
)
_BY_SOMEBODY = re.compile(
    r"\b(by|from) (the )?(a |an )?(user|client|owner|account|administrator|admin)\b", re.I
)


def remedy_for(reason: str | None) -> str | None:
    """What to change, where a job that ended for this reason would end so again; None where it may help."""
    for pattern, remedy in _REMEDIES:
        if reason and re.search(pattern, reason, re.IGNORECASE):
            return remedy
    return None


def was_cancelled_by_somebody(reason: str | None) -> bool:
    """Whether a person cancelled a job: so the reason says, or there is none."""
    return not reason or _BY_SOMEBODY.search(reason) is not None
