"""Scripts that may be imported once more, and scripts that may not."""

import multiprocessing

import pytest

from sqsq.errors import UsageError
from sqsq.jobs.main_module import _is_guarded, check_main_module


@pytest.mark.parametrize(
    ("script", "guarded"),
    [
        ("if __name__ == '__main__':\n    run()", True),
        ("if '__main__' == __name__:\n    run()", True),
        ("__name__ == '__main__' and run()\n", True),
        ("if __name__ != '__main__':\n    raise SystemExit\nrun()", True),
        ("try:\n    if __name__ == '__main__':\n        run()\nfinally:\n    pass", True),
        ("import logging\nlogging.getLogger(__name__)\nrun()", False),
        ("run()", False),
        ("name = '__main__'\nrun()", False),
        ("this is not Python any more", True),
        ("", False),
    ],
)
def test_guards(tmp_path, script, guarded):
    path = tmp_path / "script.py"
    path.write_text(script)
    assert _is_guarded(str(path), script.count("\n") + 1) == guarded


def test_a_guard_below_is_none(tmp_path):
    path = tmp_path / "script.py"
    path.write_text("run()\nif __name__ == '__main__':\n    pass")
    assert not _is_guarded(str(path), 1)


def test_a_daemonic_worker_has_no_workers(monkeypatch):
    check_main_module()
    monkeypatch.setattr(multiprocessing.process._current_process, "_config", {"daemon": True})
    with pytest.raises(UsageError, match="a daemonic worker, which may have none: use workers=0"):
        check_main_module()
