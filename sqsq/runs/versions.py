"""Which versions made a result."""

import platform
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = (
    *("sqsq", "numpy", "qiskit", "qiskit-aer", "qiskit-ibm-runtime", "scikit-learn"),
    *("matplotlib", "numba", "mitiq"),
)


def package_versions() -> dict[str, str | None]:
    """The installed versions of the packages that results depend on; None for those that are absent."""
    return {name: _version(name) for name in _PACKAGES}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def versions() -> dict[str, str | None]:
    """Those of Python and of the packages."""
    return {"python": platform.python_version(), **package_versions()}
