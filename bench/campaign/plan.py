"""How a campaign is to be: its customers, its seconds, and what goes wrong."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.campaign.conversations import SITES
from bench.campaign.places import REACH_M

KEYS = {
    site: {platform: f"key-of-{site}-{platform}" for platform in ("huggy", "fivehub")} for site in set(SITES)
}
INSTALLATIONS = (("norte", "sul"), ("vizinha",))
"""Of the service, each with a store of its own: the ISPs that it answers for."""
PREFIXES = {"norte": "BOT", "sul": "SUL", "vizinha": "BOT"}
"""Of client codes. The service refuses to start with two ISPs that share an OZmap and a prefix; of another
installation it knows nothing."""
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

    @property
    def soon(self) -> float:
        """Seconds in which a lost write is looked for and repeated; a refusal is repeated after a minute."""
        return 13 * self.deadline

    @property
    def failing(self) -> float:
        """Seconds at most for which OZmap goes on failing after the last call of a flow."""
        return 24 * self.deadline

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

    def settings(self, sites: tuple[str, ...], ozmap: tuple[str, str], folder: Path) -> dict[str, str]:
        """Of web and worker. `ozmap` is address and key, `folder` has room for a file."""
        own = {
            "ozmap_url": ozmap[0],
            "ozmap_token": ozmap[1],
            # Few boxes within reach of each customer, so that they fill up.
            "raio_m": REACH_M,
            "drop_max_m": REACH_M,
        }
        tables = []
        for site in sites:
            keys = {f"{platform}_key": key for platform, key in KEYS[site].items()}
            values = {**own, **keys, "prefixo": PREFIXES[site]}
            lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
            tables.append("\n".join([f"[isp.{site}]", *lines, ""]))
        described = folder / f"{sites[0]}.toml"
        described.write_text("\n".join(tables))
        return {
            "REPLY_DEADLINE": str(self.deadline),
            "SETTLE_TIME": str(self.settle),
            "WEB_CONCURRENCY": "2",
            "GEOCODER": "none",
            "TENANTS_FILE": str(described),
        }
