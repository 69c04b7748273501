"""This process made to know no more than one that has just started."""

from sqsq.model import ansatz_registry as registry


def forget_own_ansatze(monkeypatch):
    """Keep those ansatze that come with sqsq."""
    for name in ("_ANSATZE", "_DEFINITIONS", "_RESTORED"):
        known = getattr(registry, name)
        kept = (
            {k: v for k, v in known.items() if k in registry._BUILT_IN} if isinstance(known, dict) else set()
        )
        monkeypatch.setattr(registry, name, kept)
