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


def test_a_digest_knows_values_not_layout():
    assert json_digest({"a": [1, 2.5], "b": None}) == json_digest({"b": None, "a": [1, 2.5]})
    assert len({json_digest(each) for each in (1, 1.0, "1", True, None, [1], {"1": 1})}) == 7
    with pytest.raises(ValueError, match="Out of range"):
        json_digest(float("nan"))
