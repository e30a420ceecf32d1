"""How a campaign is to be: its customers, its seconds, and what goes wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

KEYS = {"huggy": "key-of-the-campaign-h", "fivehub": "key-of-the-campaign-5"}
_HTML = {"status": 200, "body": "<html>", "content_type": "text/html"}
_DEFECT = {"status": 500, "body": {"message": "Internal Server Error"}}


@dataclass(frozen=True)
class Plan:
    """All of a campaign that can be chosen. Whatever takes time follows from `deadline`."""

    customers: int
    seed: int
    hit: float
    """Share of the calls to OZmap that go wrong."""
    below: tuple[str, ...]
    """Only calls to these paths go wrong; they do not begin with one another."""
    deadline: float
    """Seconds in which a flow gets its reply."""
    through: str | None = None
    """A module that runs the commands of the Procfile in its own way."""

    @property
    def settle(self) -> float:
        """Seconds after which a write of unknown fate is repeated."""
        return 1.5 * self.deadline

    @property
    def late(self) -> float:
        """Seconds after which the last write lands, which was taken for lost before."""
        return 2 * self.deadline

    def faults(self) -> Iterator[dict[str, Any]]:
        """Fields of each Fault; all hit the same share of the calls."""
        slow = 1.2 * self.deadline
        kinds: list[dict[str, Any]] = [
            *({**kind, "when": when} for kind in ({"broken": "reset"}, _DEFECT, _HTML, {"delay": slow})
              for when in ("before", "after")),
            {"broken": "half"},
            {"delay": self.late},
        ]  # fmt: skip
        for path in self.below:
            for kind in kinds:
                yield {"path": path, **kind, "share": self.hit / len(kinds)}

    def settings(self) -> dict[str, str]:
        """Of web and worker."""
        return {
            "REPLY_DEADLINE": str(self.deadline),
            "SETTLE_TIME": str(self.settle),
            "WEB_CONCURRENCY": "2",
            "GEOCODER": "none",
            "HUGGY_KEY": KEYS["huggy"],
            "FIVEHUB_KEY": KEYS["fivehub"],
            # Few boxes within reach of each customer, so that they fill up.
            "RAIO_M": "120",
            "DROP_MAX_M": "120",
        }
