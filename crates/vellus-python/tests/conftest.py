"""What the tests share: the samples of the repository, and the command line to compare with."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "samples"


@pytest.fixture(scope="session")
def command():
    """Runs the command line, VELLUS or target/release/vellus; gives what it prints."""
    program = os.environ.get("VELLUS") or shutil.which("vellus", path=str(ROOT / "target/release"))
    if not program:
        pytest.skip("the command line is not built: cargo build --release -p vellus-cli, or set VELLUS")

    def run(*arguments, code=0):
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def clipped():
    import vellus

    return vellus.measure(SAMPLES / "clipped.jpg", um_per_px=5)
