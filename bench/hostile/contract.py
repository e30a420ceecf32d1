"""What the reply must be, whatever the request: as /openapi.json says, and on pages what a browser shows."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema_rs

from bench.hostile.wire import Reply, Shot
from webhook.platforms import PLATFORMS

COMMON = {"ok", "codigo", "mensagem", "protocolo"}
PLATFORM = {200, 401, 404, 405, 413, 429}
"""500 is a status of the contract as well, for a defect: here a finding."""
PAGE = {200, 400, 404, 405, 410, 413, 429}
ELSEWHERE = {404, 405}
REFUSED = range(400, 500)
"""Of gunicorn, to what is no HTTP, or has too long a first line."""
LONGEST_LINE = 8190
"""Bytes, as gunicorn.conf.py has it."""
SECRETS = (b"Traceback", b'File "', b"sqlalchemy")
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
        """What is wrong with the reply; empty where nothing is."""
        if reply is None:
            return "" if shot.raw is not None else "no reply"
        if any(secret in reply.body for secret in (*SECRETS, *self._keys)):
            return "says what nobody should see"
        line = shot.octets().partition(b"\r\n")[0]
        if (shot.raw is not None or len(line) > LONGEST_LINE) and "x-request-id" not in reply.headers:
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


def _schema_of(item: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """Every status has the same keys."""
    response = item["post"]["responses"]["200"]["$ref"].rpartition("/")[2]
    name: str = document["components"]["responses"][response]["content"]["application/json"]["schema"]["$ref"]
    return name
