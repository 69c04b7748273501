"""The oldest versions that pyproject.toml allows are stated, fit the pinned ones, and are tried by CI."""

import ast
import runpy
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
EXTRAS = {name: packages for name, packages in PROJECT["optional-dependencies"].items() if name != "all"}
STATED = [*PROJECT["dependencies"], *PYPROJECT["build-system"]["requires"], *chain(*EXTRAS.values())]
NOT_PINNED = {"jupyterlab", "setuptools"}
"""What neither tests nor demo use, and what a pin would take from the virtual environment's own."""
THE_CLIENTS_OWN = {"ibm-quantum-schemas", "ibm-cloud-sdk-core"}
"""What qiskit-ibm-runtime speaks to the service with; which version fits, it knows itself."""
minima = runpy.run_path(str(ROOT / ".ci" / "minima"))


def pins():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(each.name): each.specifier for each in pinned}


@pytest.mark.parametrize("stated", sorted(set(STATED)))
def test_what_is_pinned_is_allowed(stated):
    requirement = Requirement(stated)
    name = canonicalize_name(requirement.name)
    if name in NOT_PINNED:
        assert stated not in PROJECT["dependencies"]
        assert name not in pins()
        return
    (pin,) = pins()[name]
    assert pin.operator == "=="
    assert requirement.specifier.contains(pin.version, prereleases=True)


def test_floors_are_read_from_what_is_stated():
    floors = {name: Requirement(pinned) for name, pinned in minima["floors"](PYPROJECT).items()}
    assert set(floors) == {Requirement(stated).name for stated in STATED}
    for stated in map(Requirement, STATED):
        floor = floors[stated.name]
        (exact,) = floor.specifier
        assert stated.specifier.contains(exact.version)
        assert f">={exact.version}" in str(stated.specifier)
        assert floor.marker == stated.marker


@pytest.mark.parametrize(
    ("packages", "message"),
    [
        (["numpy"], "lower bound"),
        (["numpy<3"], "lower bound"),
        (["numpy>=1", "numpy>=2"], "two lower bounds"),
    ],
)
def test_floors_that_are_missing_or_disagree(packages, message):
    spoiled = {**PYPROJECT, "project": {**PROJECT, "dependencies": packages, "optional-dependencies": {}}}
    with pytest.raises(ValueError, match=message):
        minima["floors"](spoiled)


def test_ci_tries_the_floors_on_tests_that_exist():
    assert ".ci/minima" in (ROOT / ".ci" / "run").read_text()
    for test in minima["TESTS"]:
        path, _, name = test.partition("::")
        assert (ROOT / path).exists()
        assert not name or f"def {name}(" in (ROOT / path).read_text()


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.split(".")[0]


def test_whatever_is_imported_is_stated():
    modules = {name for path in (ROOT / "sqsq").rglob("*.py") for name in imported(path)}
    packages = packages_distributions()
    stated = {canonicalize_name(Requirement(each).name) for each in STATED} | THE_CLIENTS_OWN
    for module in modules - sys.stdlib_module_names - {"sqsq"}:
        assert {canonicalize_name(name) for name in packages.get(module, [module])} & stated, module
