"""What a killed test run leaves behind must neither stop the next run nor make it stop somebody else's process."""

import subprocess
import sys
from pathlib import Path

from tests import databases


def leave(folder: Path, process: int) -> Path:
    data = folder / "pg" / "data"
    data.mkdir(parents=True)
    (data / "postmaster.pid").write_text(f"{process}\n{data}\n")
    return folder


def test_a_server_that_is_gone_is_no_hindrance(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    folder = leave(tmp_path / "left", ended.pid)
    databases.remove(folder)
    assert not folder.exists()


def test_a_number_that_now_belongs_to_someone_else_is_left_alone(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        folder = leave(tmp_path / "left", stranger.pid)
        databases.remove(folder)
        assert not folder.exists()
        assert stranger.poll() is None
        stranger.communicate(b"\n")
        assert stranger.returncode == 0
