"""What the calls to OZmap show, and its final state does not."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from bench.campaign.books import Finding
from sandbox import Received

BY_CODE = "/properties/client/"
MOST_POSTS = 30
"""Of one code, in all sales that a conversation made with it."""
BLIND = "creates of unknown fate repeated without a look"
TOO_MANY = f"codes with more than {MOST_POSTS} creates"


class Creates:
    """The POSTs of properties and prospects. `clients`: id to record, of all that may be named in one."""

    def __init__(self, calls: Iterable[Received], clients: Mapping[str, Mapping[str, object]]) -> None:
        self._calls, self._clients = list(calls), clients

    def blind_repeats(self) -> Iterator[Finding]:
        """Creates that went out although the answer to the one before was broken, and nobody had looked.

        What they make twice the service may find and delete later, so that nothing of it is left at the end;
        until then it keeps a port from somebody.
        """
        unknown: set[str] = set()
        for call in self._calls:
            broken = _is_broken(call)
            match call.method, call.path:
                case "POST", "/properties" | "/prospects":
                    key = f"{call.path} {self._code(json.loads(call.body))}"
                    if key in unknown:
                        yield Finding(BLIND, key)
                    (unknown.add if broken else unknown.discard)(key)
                case "GET", "/prospects" if not broken:
                    for code in _codes_asked(call):
                        unknown.discard(f"/prospects {code}")
                case "GET", path if path.startswith(BY_CODE) and not broken:
                    unknown.discard(f"/properties {path.removeprefix(BY_CODE)}")

    def too_many(self) -> Iterator[Finding]:
        """Codes that were tried again and again."""
        posts = Counter(
            self._code(json.loads(call.body))
            for call in self._calls
            if call.method == "POST" and call.path in {"/properties", "/prospects"}
        )
        for code, times in posts.items():
            if times > MOST_POSTS:
                yield Finding(TOO_MANY, f"{code}: {times}")

    def refused_boxes(self) -> dict[str, set[str]]:
        """Name of a client to the boxes where OZmap definitely refused its property; "" is any or none."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for call in self._calls:
            refused = call.status is not None and 400 <= call.status < 500
            if call.method == "POST" and call.path == "/properties" and refused:
                form = json.loads(call.body)
                found[str(self._client(form).get("name", ""))].add(form.get("box", ""))
        return found

    def _client(self, form: Mapping[str, object]) -> Mapping[str, object]:
        """The client that a property is made with, or the prospect itself."""
        client = form.get("client", form)
        if isinstance(client, dict):
            return client
        return self._clients.get(str(client), {"code": client})

    def _code(self, form: Mapping[str, object]) -> object:
        return self._client(form).get("code")


def _is_broken(call: Received) -> bool:
    """Whether the caller cannot know what came of it."""
    fault, status = call.fault, call.status or 0
    if status == 204 or 400 <= status < 500:
        return fault is not None and fault.instead  # half a body says all: the status does
    return status >= 500 or (fault is not None and (fault.instead or fault.broken is not None))


def _codes_asked(call: Received) -> list[str]:
    filters = json.loads(call.query.get("filter", "[]"))
    return [one["value"] for one in filters if one["property"] == "code"]
