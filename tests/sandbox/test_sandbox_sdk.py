"""The official npm package @ozmap/ozmap-sdk works with the sandbox: it is the real client."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox import PLACES, Sandbox
from tests.missing import missing

HERE = Path(__file__).parent
QUIET = {**os.environ, "OZLOGGER_HTTP": "false", "OZLOGGER_LEVEL": "ERROR"}


@pytest.fixture(scope="module")
def _sdk() -> None:
    if not (shutil.which("node") and shutil.which("npm")):
        missing("the SDK test needs node and npm")
    if (HERE / "node_modules" / "@ozmap" / "ozmap-sdk" / "package.json").exists():
        return
    install = ["npm", "ci", "--no-audit", "--no-fund", "--fetch-retries=1", "--prefix"]
    try:
        subprocess.run([*install, str(HERE)], capture_output=True, check=True, timeout=120)
    except subprocess.SubprocessError as error:
        missing(f"npm cannot install the SDK: {error}")


@pytest.mark.usefixtures("_sdk")
def test_the_official_sdk(sandbox: Sandbox) -> None:
    point = PLACES["viable"].point
    script = ["node", str(HERE / "sdk.mjs"), sandbox.url, str(point.lat), str(point.lng)]
    done = subprocess.run(script, check=False, capture_output=True, text=True, timeout=60, env=QUIET)
    assert done.returncode == 0, done.stdout + done.stderr
    boxes = [one for one in sandbox.store["boxes"].values() if one["boxType"]]
    assert done.stdout.endswith(f"{len(sandbox.store['poles'])} poles, {len(boxes)} boxes\n")
