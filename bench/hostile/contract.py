"""What the reply must be, whatever the request: as /openapi.json says, and on pages what a browser shows."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema_rs

from bench.hostile.wire import Reply, Shot
from webhook.platforms import PLATFORMS

COMMON = {"ok", "codigo", "mensagem", "protocolo"}
PLATFORM = {200, 400, 401, 404, 405, 408, 413, 429}
"""500 is a status of the contract as well, for a defect: here a finding."""
PAGE = {200, 400, 404, 405, 408, 410, 413, 429}
ELSEWHERE = {404, 405}
REFUSED = range(400, 500)
"""Of gunicorn, to what is no HTTP, or has too long a first line."""
LONGEST_LINE = 8190
"""Bytes, as gunicorn.conf.py has it."""
NO_ADDRESS = b'{"endereco":null}'
"""Of the pin, which the page's script asks for beside the map and does without."""
SECRETS = (b"Traceback", b'File "', b"sqlalchemy")
_SITE = re.compile(r"\w+ at \S+:\d+( < \S+:\d+)*")
_OF_A_PLATFORM = re.compile(f"/*({'|'.join(PLATFORMS)})(/|$)")


class Contract:
    """Judges replies by the document that the service itself serves."""

    def __init__(self, document: Mapping[str, Any], keys: tuple[str, ...]) -> None:
        self._keys = [key.encode() for key in keys]
        self._reads = {path: item["get"] for path, item in document["paths"].items() if "get" in item}
        schemas = document["components"]
        self._replies = {
            path: jsonschema_rs.validator_for({"$ref": _schema_of(item, document), "components": schemas})
            for path, item in document["paths"].items()
            if _OF_A_PLATFORM.match(path)
        }

    def finding(self, shot: Shot, reply: Reply | None) -> str:
        """What is wrong with the reply, or with the end of the connection; empty where nothing is."""
        if reply is None:
            return "" if shot.raw is not None and not shot.allowed else "no reply"
        if shot.allowed and reply.status not in shot.allowed:
            return f"{reply.status} in place of {shot.allowed}"
        if any(secret in reply.body for secret in (*SECRETS, *self._keys)):
            return "says what nobody should see"
        if _is_no_http(shot) and "x-request-id" not in reply.headers:
            return "" if reply.status in REFUSED else f"{reply.status} to no HTTP"
        path = unquote_to_bytes(shot.target.partition(b"?")[0]).decode(errors="replace")
        if path.startswith("/l/"):
            return self._page(reply)
        if _OF_A_PLATFORM.match(path):
            return self._platform(path.strip("/"), shot.method, reply)
        allowed = {int(status) for status in self._read_of(path).get("responses", ELSEWHERE)} - {500}
        return "" if reply.status in allowed | ELSEWHERE else f"status {reply.status}"

    def _read_of(self, path: str) -> Mapping[str, Any]:
        flow = re.sub(r"^/flows/[^/]+/[^/]+(\.json|\.html)$", r"/flows/{platform}/{name}\1", path.rstrip("/"))
        return self._reads.get(flow, {})

    def _page(self, reply: Reply) -> str:
        kind = reply.headers.get("content-type", "")
        if reply.status not in PAGE:
            return f"status {reply.status}"
        if reply.status == 429 and not reply.headers.get("retry-after", "").isdigit():
            return "no Retry-After"
        if reply.status == 429 and b"minuto" not in reply.body and reply.body.strip() != NO_ADDRESS:
            return "no words"
        known = ("text/html; charset=utf-8", "application/json", "text/css", "text/javascript", "image/")
        return "" if kind.startswith(known) else f"content type {kind}"

    def _platform(self, route: str, method: str, reply: Reply) -> str:
        if reply.status not in PLATFORM:
            return f"status {reply.status}"
        if reply.headers.get("content-type") != "application/json":
            return f"content type {reply.headers.get('content-type')}"
        if method == "HEAD":
            return "a body to HEAD" if reply.body else ""
        try:
            said = json.loads(reply.body)
        except ValueError:
            return "no JSON"
        if said.get("protocolo") != reply.headers.get("x-request-id"):
            return "another protocolo in the header"
        if known := self._replies.get(f"/{route}"):
            return "" if known.is_valid(said) else "not the keys and values of its action"
        flat = not any(isinstance(value, dict | list) for value in said.values())
        return "" if flat and said.keys() >= COMMON else "not flat, or without the common keys"


def _is_no_http(shot: Shot) -> bool:
    """Whether gunicorn may refuse it by itself. What has statuses of its own is HTTP but for its body."""
    line = shot.octets().partition(b"\r\n")[0]
    return (shot.raw is not None and not shot.allowed) or len(line) > LONGEST_LINE


def _schema_of(item: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """Every status has the same keys."""
    response = item["post"]["responses"]["200"]["$ref"].rpartition("/")[2]
    name: str = document["components"]["responses"][response]["content"]["application/json"]["schema"]["$ref"]
    return name


def defects(log: str) -> Iterator[str]:
    """Findings in what a process has printed: there should be no defect, and it must be told well."""
    if "Traceback" in log:
        yield "a traceback in the log"
    told = [json.loads(line) for line in log.splitlines() if line.startswith("{") and '"defect"' in line]
    times = Counter(line.get("protocolo") for line in told)
    for line in told:
        site, protocol = line.get("defect", ""), line.get("protocolo")
        if not protocol:
            yield f"a defect without protocolo: {site}"
        elif not _SITE.fullmatch(site):
            yield f"a defect without type or frames: {protocol}"
        elif times[protocol] > 1:
            yield f"a defect told {times[protocol]} times: {site}"
        else:
            yield f"a defect: {site}"
