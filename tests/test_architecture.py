"""The direction of imports, and what is shipped."""

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = (
    ("fake_service",),
    ("cli",),
    ("reproduce",),
    ("runs",),
    ("report", "models"),
    ("training",),
    ("mitigation",),
    ("jobs",),
    ("engines",),
    ("circuits",),
    ("learning",),
    ("inference",),
    ("estimation",),
    ("tables",),
    ("model",),
    ("data",),
    ("files",),
    ("checks",),
)
"""From the top down: a room imports from rooms under it only. ``checks`` knows none of the others, and what
learns and infers knows no engine."""
LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}


def imported_modules(path):
    """The modules of sqsq that a file imports from, part by part."""
    for node in ast.walk(ast.parse(path.read_text())):
        modules = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            modules = [node.module]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        for module in modules:
            parts = module.split(".")
            if parts[0] == "sqsq" and len(parts) > 1 and parts[1] in LEVEL:
                yield parts


@pytest.mark.parametrize(
    "path", sorted((ROOT / "sqsq").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT))
)
def test_imports_run_downwards(path):
    room = path.relative_to(ROOT / "sqsq").parts[0]
    for parts in imported_modules(path) if room in LEVEL else ():
        other = parts[1]
        assert LEVEL[other] > LEVEL[room] or other == room, f"{room} must not import {other}"
        if other != room:
            package = ROOT.joinpath(*parts, "__init__.py")
            assert package.is_file(), f"{room} must import {'.'.join(parts)} from its room"


def test_every_room_has_its_level():
    assert set(LEVEL) == {path.parent.name for path in (ROOT / "sqsq").glob("*/__init__.py")}


@pytest.mark.parametrize("room", ["tables", "estimation", "inference", "learning", "data", "model"])
def test_rules_and_their_contract_know_no_qiskit(room):
    code = f"import sys, sqsq.{room}; print([n for n in ('qiskit', 'qiskit_aer') if n in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_public_names_exist():
    import sqsq

    for name in sqsq.__all__:
        assert getattr(sqsq, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'bogus'"):
        _ = sqsq.bogus


def test_links_lead_to_the_rooms():
    for name in ("circuits", "jobs"):
        link = ROOT / name
        assert link.is_symlink()
        assert link.resolve() == (ROOT / "sqsq" / name).resolve()


def test_the_wheel_holds_the_package(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {str(path.relative_to(ROOT)) for path in (ROOT / "sqsq").rglob("*.py")}
    assert expected | {"sqsq/py.typed"} <= names
    assert not [name for name in names if name.startswith(("circuits/", "jobs/", "tests/"))]
