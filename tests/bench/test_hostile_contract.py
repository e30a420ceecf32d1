"""The judge of bench.hostile: what it lets pass, and that it sees what is wrong."""

import json

import pytest

from bench.hostile.contract import Contract
from bench.hostile.shots import Shooter
from bench.hostile.wire import Reply, Shot
from webhook.cli.openapi import PATH

DOCUMENT = json.loads(PATH.read_text())
CONTRACT = Contract(DOCUMENT, ("key-of-the-tests",))
SAID = {"ok": "nao", "codigo": "nao_encontrado", "mensagem": "", "protocolo": "p"}
ECHO = SAID | {"recebido": "", "formato": "json"}
JSON = {"content-type": "application/json", "x-request-id": "p"}


def reply(said=SAID, status=200, **headers):
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return Reply(status, JSON | {name.replace("_", "-"): value for name, value in headers.items()}, body)


def shot(target, method="POST", raw=None):
    return Shot("a kind", method, target.encode(), raw=raw)


RIGHT = [
    (shot("/huggy/eco?a=1"), reply(ECHO)),
    (shot("/huggy/eco/"), reply(ECHO, 401)),
    (shot("/huggy/%65co"), reply(ECHO, 413)),
    (shot("/huggy/nada"), reply(SAID, 404)),
    (shot("/huggy/eco", "HEAD"), reply(b"")),
    (shot("/nowhere"), reply(SAID, 404)),
    (shot("/flows/huggy/x.json"), reply(SAID, 401)),
    (shot("/l/x"), reply(b"<html>", 410, content_type="text/html; charset=utf-8")),
    (shot("/", raw=b"x"), None),
    (shot("/", raw=b"x"), Reply(400, {}, b"")),
    (shot("/huggy/eco?" + "x" * 9000), Reply(414, {}, b"")),
]
WRONG = [
    (shot("/huggy/eco"), None, "no reply"),
    (shot("/huggy/eco"), reply(ECHO, 500), "status 500"),
    (shot("/huggy/eco"), reply(ECHO, 400), "status 400"),
    (shot("/huggy/eco"), reply(ECHO, content_type="text/html"), "content type text/html"),
    (shot("/huggy/eco"), reply(b"<html>"), "no JSON"),
    (shot("/huggy/eco", "HEAD"), reply(ECHO), "a body to HEAD"),
    (shot("/huggy/eco"), reply(ECHO, x_request_id="q"), "another protocolo in the header"),
    (shot("/huggy/eco"), reply(SAID), "not the keys and values of its action"),
    (shot("/huggy/eco"), reply(ECHO | {"ok": False}), "not the keys and values of its action"),
    (shot("/huggy/nada"), reply(SAID | {"a": {}}), "not flat, or without the common keys"),
    (shot("/nowhere"), reply(SAID, 200), "status 200"),
    (shot("/flows/huggy/x.json"), reply(SAID, 500), "status 500"),
    (shot("/l/x"), reply(b"", 500, content_type="text/html; charset=utf-8"), "status 500"),
    (shot("/l/x"), reply(b"", content_type="text/plain"), "content type text/plain"),
    (shot("/", raw=b"x"), Reply(500, {}, b""), "500 to no HTTP"),
    (shot("/huggy/eco"), reply(ECHO | {"recebido": "key-of-the-tests"}), "says what nobody should see"),
    (shot("/l/x"), reply(b"Traceback (most recent call last)", 500), "says what nobody should see"),
]


@pytest.mark.parametrize(("shot", "reply"), RIGHT)
def test_right(shot, reply):
    assert CONTRACT.finding(shot, reply) == ""


@pytest.mark.parametrize(("shot", "reply", "finding"), WRONG)
def test_wrong(shot, reply, finding):
    assert CONTRACT.finding(shot, reply) == finding


def test_the_same_seed_makes_the_same_requests():
    def first(seed):
        shooter = Shooter(seed, DOCUMENT, {"huggy": "a", "fivehub": "b"}, ["/l/token"])
        return [shooter.shot() for _ in range(300)]

    assert first("1") == first("1") != first("2")
    assert len({shot.kind for shot in first("1")}) == 9
