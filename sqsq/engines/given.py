"""Backends that a program hands over: an engine, a Qiskit backend, or a sampler with its target."""

from typing import Any

from qiskit.primitives import BackendSamplerV2, BaseSamplerV2
from qiskit.providers import BackendV2
from qiskit.transpiler import Target

from sqsq.checks import shown
from sqsq.engines.device_program import Placement
from sqsq.engines.protocol import Engine
from sqsq.engines.sampler import SamplerEngine
from sqsq.errors import UsageError

GIVEN = "given"
"""What the backend of a run is called that a program handed over."""
_ENGINE = ("name", "prepare", "rows_per_chunk", "groups_of", "run")


def engine_of(backend: Any, placement: Placement | None = None) -> Engine:
    """An engine that runs tables on what a program hands over.

    Args:
        backend: An engine; a Qiskit ``BackendV2`` that simulates, such as
            ``AerSimulator.from_backend(...)``; or a pair of a ``BaseSamplerV2`` and its ``Target``.
        placement: Where neurons run, where the backend is no engine yet.

    Raises:
        UsageError: If it is something else, a real device, or lacks a part that is needed.
    """
    if all(hasattr(backend, part) for part in _ENGINE):
        return backend  # type: ignore[no-any-return]
    if isinstance(backend, BackendV2):
        return _simulator(backend, placement)
    if isinstance(backend, BaseSamplerV2):
        raise UsageError(
            f"the sampler {type(backend).__name__} says nothing of what it runs on: hand over a pair, "
            "(sampler, target)"
        )
    match backend:
        case (BaseSamplerV2() as sampler, Target() as target):
            return SamplerEngine(sampler, target, type(sampler).__name__, placement)
    lacking = [part for part in _ENGINE if not hasattr(backend, part)]
    lacks = f" (as an engine it lacks {', '.join(lacking)})" if len(lacking) < len(_ENGINE) - 1 else ""
    raise UsageError(
        f"backend is {shown(backend)}{lacks}: must be a name, an engine, a Qiskit BackendV2, or a pair of a "
        "BaseSamplerV2 and its Target"
    )


def _simulator(backend: BackendV2, placement: Placement | None) -> Engine:
    name = backend.name or type(backend).__name__
    if type(backend).__module__.startswith("qiskit_ibm_runtime.ibm_backend"):
        raise UsageError(
            f"{name} is hardware: name it, backend={name!r}, so that its jobs go through the ledger and the "
            "budget"
        )
    lacking = [word for word in ("measure", "reset") if word not in backend.target.operation_names]
    if lacking:
        raise UsageError(
            f"{name} has no {' and no '.join(lacking)} among its operations, which every neuron needs"
        )
    return SamplerEngine(BackendSamplerV2(backend=backend), backend.target, name, placement)
