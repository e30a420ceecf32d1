"""OZmap's unknown habits, which change while a campaign runs."""

import random
import threading
from collections.abc import Iterable
from typing import Any

from bench.campaign.places import Places
from sandbox import Behaviour

CALLS_IN_A_ROW = (60, 180)
"""Answered calls of flows, least and most, until OZmap behaves in another way."""
NONE_SPELLED = ("[]", "null", "204", "{}", '{"rows": []}', "404")
"""Not an empty body: nobody can tell it from half of one, which says nothing."""
REFUSAL = "Limite de clientes contratado foi atingido"


class Habits:
    """Changes a sandbox's behaviour whenever so many calls of flows were answered. Choices are seeded."""

    def __init__(
        self, behaviour: Behaviour, places: Places, codes: Iterable[str], deadline: float, seed: int
    ) -> None:
        self._behaviour, self._places, self._codes = behaviour, places, tuple(codes)
        self._deadline = deadline
        self._chance, self._lock = random.Random(f"habits {seed}"), threading.Lock()
        self._left = 1
        self.changes = 0
        self.as_usual()

    def answered(self) -> None:
        """Counts a call."""
        with self._lock:
            self._left -= 1
            if not self._left:
                self._left = self._chance.randint(*CALLS_IN_A_ROW)
                self.changes += 1
                self.as_usual()
                self._behaviour.change(**self._chance.choice(self._habits()))

    def as_usual(self) -> None:
        """What lasts: boxes and codes that are refused for good, and the time that a drop takes."""
        self._behaviour.change(**self._usual())

    def _usual(self) -> dict[str, Any]:
        return {
            **vars(Behaviour()),
            "boxes_that_refuse": self._places.refusing,
            "codes_that_refuse": self._codes,
            # Of a reply's 4.5 s a drop took 2.2 to 3.7 s.
            "post_seconds": (0.49 * self._deadline, 0.82 * self._deadline),
        }

    def _habits(self) -> list[dict[str, Any]]:
        """Each of them is as likely as the others."""
        boxes = list(self._places.crowded)
        refusing = self._chance.sample(boxes, len(boxes) // 2)
        return [
            {},
            {"client_outlives_property": True, "none_spelled": self._chance.choice(NONE_SPELLED)},
            {"duplicate_codes": True, "full_box_sells": True},
            {"code_filter_ignored": True, "connections_in_client_rows": True},
            {"connects_after": 0.6 * self._deadline},
            {"property_fails_after_client": 0.5, "client_outlives_property": True},
            {
                "boxes_that_refuse": (*self._places.refusing, *refusing),
                "refusal_status": self._chance.choice((400, 409, 422)),
                "refusal_object": self._chance.random() < 0.5,
            },
            {"properties_refused": REFUSAL, "client_outlives_property": True},
        ]
