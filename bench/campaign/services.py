"""Web and worker as the Procfile starts them, to be killed at any moment."""

import os
import random
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
CALLS_BETWEEN_KILLS = (100, 300)
"""Answered calls of flows, least and most: a slow machine is not killed to death."""
LONGEST_PAUSE = 0.3
"""Seconds between the last of them and the kill, so that it finds the others anywhere in their calls."""


def command_of(name: str, through: str | None = None) -> list[str]:
    """A line of the Procfile, run by the module `through` if there is one."""
    lines = dict(line.split(":", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    command = shlex.split(lines[name])
    return ["python", "-m", through, *command] if through else command


def release(variables: Mapping[str, str]) -> None:
    """What a host does before it starts a new version. Raises CalledProcessError."""
    subprocess.run(
        command_of("release"), cwd=ROOT, env=_environment(variables), check=True, capture_output=True
    )


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """With the commands of this Python first."""
    return os.environ | variables | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


class Service:
    """A process and its children, which are killed together as by a host that loses power."""

    def __init__(self, command: list[str], variables: Mapping[str, str], log: Path) -> None:
        self._command, self._log = command, log
        self._variables = _environment(variables)
        self.kills = 0
        self._changing = threading.Lock()
        self._start()

    def _start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._variables, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """SIGKILL, and a new start."""
        with self._changing:
            self._end(signal.SIGKILL)
            self.kills += 1
            self._start()

    def stop(self) -> None:
        """SIGTERM, as a host does before it restarts; then SIGKILL for what is left."""
        self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        self._end(signal.SIGKILL)

    def check(self) -> None:
        """Raises RuntimeError when it has ended by itself."""
        with self._changing:
            ended = self._process.poll()
        if ended is not None:
            end = self._log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{self._command} ended with {ended}:\n{end}")

    def _end(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
        self._process.wait()


class Killer:
    """Kills one of the services whenever so many calls of flows were answered. Choices are seeded."""

    def __init__(self, services: list[Service], seed: int) -> None:
        self._services, self._chance = services, random.Random(f"killer {seed}")
        self._left = self._chance.randint(*CALLS_BETWEEN_KILLS)
        self._lock = threading.Lock()

    def answered(self) -> None:
        """Counts a call. The one that makes it time to kill waits for that, the others go on."""
        with self._lock:
            self._left -= 1
            if self._left:
                return
            self._left = self._chance.randint(*CALLS_BETWEEN_KILLS)
            victim, pause = self._chance.choice(self._services), self._chance.uniform(0, LONGEST_PAUSE)
        time.sleep(pause)
        victim.kill()
