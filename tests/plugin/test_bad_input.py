from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.plugin.running import BAD, IMPORT, flake8, rows, write

SOURCE = IMPORT + BAD
READABLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", ""),
    "byte order mark": (b"\xef\xbb\xbf" + SOURCE.encode(), "app.py:2:30 ASQ102"),
    "CRLF": (SOURCE.replace("\n", "\r\n").encode(), "app.py:2:30 ASQ102"),
    "CR": (SOURCE.replace("\n", "\r").encode(), "app.py:2:30 ASQ102"),
    "form feeds": (f"{IMPORT}\x0c\n\x0c{BAD}".encode(), "app.py:3:31 ASQ102"),
    "no last newline": (SOURCE.strip().encode(), "app.py:2:30 ASQ102"),
    "latin-1": (b"# coding: latin-1\n" + IMPORT.encode() + b"x = '\xe9\xe9'; " + BAD.encode(), "app.py:3:40 ASQ102"),
    "UTF-8": (f"{IMPORT}x = 'é€𝄞'; {BAD}".encode(), "app.py:2:41 ASQ102"),
    "wide line separator": (f"{IMPORT}x = '\u2028'; {BAD}".encode(), "app.py:2:39 ASQ102"),
}
BROKEN: dict[str, bytes] = {
    "syntax error": SOURCE.encode() + b"def f(:\n",
    "parentheses": f"{SOURCE}x = {'(' * 5000}1{')' * 5000}\n".encode(),
    "lists": f"{SOURCE}x = {'[' * 5000}{']' * 5000}\n".encode(),
    "unfinished string": SOURCE.encode() + b'x = """\n',
    "tabs": SOURCE.encode() + b"if x:\n\ty()\n        z()\n",
}

if sys.version_info >= (3, 12):  # flake8 itself ends in a traceback on older ones
    BROKEN["null byte"] = SOURCE.encode() + b"x = '\0'\n"


@pytest.mark.parametrize("name", READABLE)
def test_file_is_checked_whatever_its_bytes(name: str, tmp_path: Path) -> None:
    source, expected = READABLE[name]
    done = flake8(write(tmp_path, {"app.py": source}), "app.py")
    assert (rows(done), done.stderr) == ([expected] if expected else [], "")
    assert done.returncode == bool(expected)


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_gives_flake8s_own_message_once(name: str, tmp_path: Path) -> None:
    done = flake8(write(tmp_path, {"app.py": BROKEN[name]}), "app.py")
    assert [row.split(" ")[1][:2] for row in rows(done)] == ["E9"]
    assert (done.returncode, done.stderr) == (1, "")


def test_undeclared_encoding_is_read_as_flake8_reads_it(tmp_path: Path) -> None:
    done = flake8(write(tmp_path, {"app.py": SOURCE.encode() + b"x = '\xff'\n"}), "app.py")
    assert rows(done) == ["app.py:2:30 ASQ102"]


def test_unreadable_file_is_named_and_the_others_are_checked(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": SOURCE, "locked/app.py": SOURCE})
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "missing.py").symlink_to("nowhere.py")
    (tmp_path / "locked").chmod(0)
    try:
        done = flake8(tmp_path, "app.py", "loop.py", "missing.py", "locked/app.py")
    finally:
        (tmp_path / "locked").chmod(0o755)
    root = [] if os.geteuid() else ["locked/app.py:2:30 ASQ102"]
    found = rows(done)
    assert [row for row in found if "ASQ" in row] == ["app.py:2:30 ASQ102", *root]
    assert {row for row in found if "E902" in row} >= {"loop.py:0:1 E902", "missing.py:0:1 E902"}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the interpreter cannot parse it")
def test_newer_syntax_is_understood(tmp_path: Path) -> None:
    source = IMPORT + "type Url = str\nclass Box[T]: ...\ndef make[T: str](url: Url, box: Box[T]) -> T:\n    " + BAD
    done = flake8(write(tmp_path, {"app.py": source}), "app.py")
    assert rows(done) == ["app.py:5:34 ASQ102"]


@pytest.mark.skipif(sys.version_info < (3, 14), reason="the interpreter cannot parse it")
def test_newest_syntax_is_understood(tmp_path: Path) -> None:
    source = IMPORT + "x = t'{1}'\ntry:\n    pass\nexcept OSError, ValueError:\n    pass\n" + BAD
    assert rows(flake8(write(tmp_path, {"app.py": source}), "app.py")) == ["app.py:7:30 ASQ102"]
