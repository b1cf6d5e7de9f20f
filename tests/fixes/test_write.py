from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from flake8_async_sqla.fixes.write import NotWritten, write


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "target.py"
    path.write_bytes(b"old\r\n")
    return path


def _write(path: Path, new: bytes = b"new\r\n", old: bytes = b"old\r\n", root: Path | None = None) -> None:
    write(path, new, old=old, root=root or path.parent)


def test_contents_are_replaced_and_the_mode_is_kept(target: Path) -> None:
    target.chmod(0o751)
    before = target.stat().st_ino
    _write(target)
    assert target.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o751
    assert target.stat().st_ino != before
    assert os.listdir(target.parent) == ["target.py"]


def test_link_stays_a_link(target: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.py"
    link.symlink_to(target.name)
    _write(link)
    assert link.is_symlink()
    assert target.read_bytes() == b"new\r\n"


def test_link_out_of_the_root_is_not_followed(target: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.py").symlink_to(target)
    with pytest.raises(NotWritten, match="the link leads out of"):
        _write(root / "link.py")
    assert target.read_bytes() == b"old\r\n"


def test_file_that_changed_meanwhile_is_left_alone(target: Path) -> None:
    target.write_bytes(b"newer")
    with pytest.raises(NotWritten, match="changed while it was being fixed"):
        _write(target)
    assert target.read_bytes() == b"newer"
    assert os.listdir(target.parent) == ["target.py"]


def test_read_only_file_is_left_alone(target: Path) -> None:
    target.chmod(0o444)
    with pytest.raises(NotWritten, match=r"target\.py: the file is read-only"):
        _write(target)
    assert target.read_bytes() == b"old\r\n"


def test_failure_of_the_system_is_one_message(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotWritten, match=r"target\.py: No space left on device"):
        _write(target)
    assert target.read_bytes() == b"old\r\n"
    assert os.listdir(target.parent) == ["target.py"]


def test_missing_file_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(NotWritten, match="No such file"):
        _write(tmp_path / "missing.py")
