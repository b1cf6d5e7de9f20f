"""The fixer among files that are not what their names say."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

OLD = 'from sqlalchemy.ext.asyncio import create_async_engine\n\ne = create_async_engine("postgresql+psycopg2://h/d")\n'
NEW = OLD.replace("psycopg2", "asyncpg")


def test_odd_places(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "folder.py").mkdir()
    fixed = [inside / "plain.py", inside / "folder.py" / "module.py"]
    untouched = [inside / "read_only.py", outside / "other.py"]
    for path in (*fixed, *untouched):
        path.write_text(OLD, encoding="utf-8")
    fixed[0].chmod(0o755)
    untouched[0].chmod(0o444)
    (inside / "link.py").symlink_to("plain.py")
    (inside / "leads_out.py").symlink_to(outside / "other.py")
    (inside / "dangling.py").symlink_to("nowhere.py")
    (inside / "circle.py").symlink_to("circle.py")
    (inside / "broken.py").write_text("def (", encoding="utf-8")
    (inside / "binary.py").write_bytes(b"\x00\xff\xfe")
    os.mkfifo(inside / "pipe.py")
    before = sorted(tmp_path.rglob("*"))
    command = [sys.executable, "-m", "flake8_async_sqla", "fix", "--isolated", "--no-cache", "."]
    done = subprocess.run(command, cwd=inside, capture_output=True, text=True, timeout=120)
    errors = {line.partition(":")[0].removeprefix("./"): line for line in done.stderr.splitlines()}
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    names = {"read_only.py", "leads_out.py", "dangling.py", "circle.py", "broken.py", "binary.py", "pipe.py"}
    assert set(errors) >= names, done.stderr
    assert errors["pipe.py"].endswith("not a regular file")
    assert errors["read_only.py"].endswith("the file is read-only")
    assert [path.read_text(encoding="utf-8") for path in fixed] == [NEW, NEW]
    assert [path.read_text(encoding="utf-8") for path in untouched] == [OLD, OLD]
    assert (inside / "link.py").is_symlink()
    assert stat.S_IMODE(fixed[0].stat().st_mode) == 0o755
    assert sorted(tmp_path.rglob("*")) == before
