"""Kills web and worker at any moment, as a host that loses power does."""

import random
import threading
import time

from bench.processes import Service

CALLS_BETWEEN_KILLS = (100, 300)
"""Answered calls of flows, least and most: a slow machine is not killed to death."""
LONGEST_PAUSE = 0.3
"""Seconds between the last of them and the kill, so that it finds the others anywhere in their calls."""


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
