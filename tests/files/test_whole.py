import os
import stat
import threading
from pathlib import Path

import pytest

from sqsq.files import json_digest, whole_file, write_whole


def test_a_file_is_whole_or_as_it_was(tmp_path):
    path = tmp_path / "file"
    write_whole(path, "first")
    with pytest.raises(ZeroDivisionError), whole_file(path) as file:
        file.write(b"half of the sec" + bytes([1 // 0]))
    assert path.read_text() == "first"
    with pytest.raises(OSError, match="No such file"):
        write_whole(tmp_path / "nowhere" / "file", b"")
    write_whole(path, b"second")
    assert path.read_text() == "second"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_devices_and_pipes_stay_what_they_are(tmp_path):
    """As root a file would take their name: ``-o /dev/null`` once did."""
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(os.devnull)
    write_whole(link, b"nothing")
    assert link.is_symlink()
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    found = []
    reader.start()
    write_whole(pipe, b"through")
    reader.join(timeout=30)
    assert found == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    full = Path("/dev/full")
    if full.exists():
        with pytest.raises(OSError, match="No space"):
            write_whole(full, b"nothing")
        assert stat.S_ISCHR(full.stat().st_mode)


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "file").write_text("first")
    (tmp_path / "link").symlink_to("file")
    write_whole(tmp_path / "link", "second")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "second"


def test_a_digest_knows_values_not_layout():
    assert json_digest({"a": [1, 2.5], "b": None}) == json_digest({"b": None, "a": [1, 2.5]})
    assert len({json_digest(each) for each in (1, 1.0, "1", True, None, [1], {"1": 1})}) == 7
    with pytest.raises(ValueError, match="Out of range"):
        json_digest(float("nan"))
