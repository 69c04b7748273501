"""Whether worker processes can be started: each imports the script that was started, once more."""

import ast
import os
import sys
from multiprocessing import current_process
from types import FrameType, ModuleType

from sqsq.errors import UsageError

STARTED_AGAIN = 78
"""The exit code of a worker that came to the start of the run where it should only have imported it."""
GUARD = 'put what starts the run under: if __name__ == "__main__":'


def check_main_module() -> None:
    """Refuse worker processes where starting one would fail or start the run once more.

    Raises:
        UsageError: If the running script can not be imported by a worker or has no ``__main__`` guard,
            or if this process is itself a worker that may have none.
    """
    if getattr(current_process(), "_inheriting", False):
        os._exit(STARTED_AGAIN)  # this process imports the script to become a worker: its parent will tell
    if current_process().daemon:
        raise UsageError("workers: this process is a daemonic worker, which may have none: use workers=0")
    main = sys.modules["__main__"]
    path = getattr(main, "__file__", None)
    name = getattr(getattr(main, "__spec__", None), "name", None)
    if path is None or (name is not None and name.split(".")[-1] == "__main__"):
        return  # no worker imports it
    if name is None and not os.path.isfile(path):
        raise UsageError(
            f"workers: every worker imports the running script, and {path!r} cannot be imported: save it as "
            "a file, or use workers=0"
        )
    line = _running_line(main, path)
    if line is not None and not _is_guarded(path, line):
        raise UsageError(
            f"workers: every worker imports {path}, and line {line} would start the run once more: {GUARD}"
        )


def _running_line(main: ModuleType, path: str) -> int | None:
    """The line of the script that is being run, if it is what called this."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        code = frame.f_code
        if frame.f_globals is vars(main) and code.co_name == "<module>" and _same(code.co_filename, path):
            return frame.f_lineno
        frame = frame.f_back
    return None


def _same(one: str, other: str) -> bool:
    return os.path.abspath(one) == os.path.abspath(other)


def _is_guarded(path: str, line: int) -> bool:
    """Whether ``__name__`` is compared with ``"__main__"`` at a line or above it."""
    try:
        with open(path, "rb") as file:
            script = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):  # changed since it was started
        return True
    for node in ast.walk(script):
        if isinstance(node, ast.Compare) and node.lineno <= line:
            names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            values = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
            if "__name__" in names and "__main__" in values:
                return True
    return False
