"""The judge of bench.hostile: what it lets pass, and that it sees what is wrong."""

import json

import pytest

from bench.hostile.contract import Contract, defects
from bench.hostile.shots import Pages, Shooter
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


def shot(target, method="POST", raw=None, allowed=()):
    return Shot("a kind", method, target.encode(), raw=raw, allowed=allowed)


HTML = {"content_type": "text/html; charset=utf-8"}
LATER = HTML | {"retry_after": "12"}


RIGHT = [
    (shot("/huggy/eco?a=1"), reply(ECHO)),
    (shot("/huggy/eco/"), reply(ECHO, 401)),
    (shot("/huggy/%65co"), reply(ECHO, 413)),
    (shot("/huggy/eco"), reply(ECHO, 400)),
    (shot("/huggy/nada"), reply(SAID, 404)),
    (shot("/huggy/eco", "HEAD"), reply(b"")),
    (shot("/nowhere"), reply(SAID, 404)),
    (shot("/flows/huggy/x.json"), reply(SAID, 401)),
    (shot("/l/x"), reply(b"<html>", 410, content_type="text/html; charset=utf-8")),
    (shot("/", raw=b"x"), None),
    (shot("/", raw=b"x"), Reply(400, {}, b"")),
    (shot("/huggy/eco?" + "x" * 9000), Reply(414, {}, b"")),
    (shot("/huggy/eco", raw=b"x", allowed=(408,)), reply(ECHO, 408)),
    (shot("/l/x/busca"), reply(b"Espere um minuto", 429, **LATER)),
    (shot("/l/x/endereco"), reply(b'{"endereco":null}\n', 429, **LATER)),
]
WRONG = [
    (shot("/huggy/eco"), None, "no reply"),
    (shot("/huggy/eco"), reply(ECHO, 500), "status 500"),
    (shot("/huggy/eco"), reply(ECHO, 403), "status 403"),
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
    (shot("/huggy/eco", raw=b"x", allowed=(400,)), None, "no reply"),
    (shot("/huggy/eco", raw=b"x", allowed=(400,)), Reply(400, {}, b""), "content type None"),
    (shot("/huggy/eco", raw=b"x", allowed=(400,)), reply(ECHO), "200 in place of (400,)"),
    (shot("/l/x/busca"), reply(b"Espere um minuto", 429, **HTML), "no Retry-After"),
    (shot("/l/x/busca"), reply(b"", 429, **LATER), "no words"),
    (shot("/l/x"), reply(b"Traceback (most recent call last)", 500), "says what nobody should see"),
]


@pytest.mark.parametrize(("shot", "reply"), RIGHT)
def test_right(shot, reply):
    assert CONTRACT.finding(shot, reply) == ""


@pytest.mark.parametrize(("shot", "reply", "finding"), WRONG)
def test_wrong(shot, reply, finding):
    assert CONTRACT.finding(shot, reply) == finding


TOLD = {"time": "t", "protocolo": "p", "status": 500, "defect": "KeyError at a.py:1 < b.py:20"}


@pytest.mark.parametrize(
    ("lines", "findings"),
    [
        ([{"protocolo": "p", "status": 200}], []),
        ([TOLD], ["a defect: KeyError at a.py:1 < b.py:20"]),
        ([TOLD, TOLD], ["a defect told 2 times: KeyError at a.py:1 < b.py:20"] * 2),
        ([TOLD | {"protocolo": None}], ["a defect without protocolo: KeyError at a.py:1 < b.py:20"]),
        ([TOLD | {"defect": "KeyError: 'Maria'"}], ["a defect without type or frames: p"]),
    ],
)
def test_defects_in_the_log(lines, findings):
    log = "".join(f"{json.dumps(line)}\n" for line in lines)
    assert list(defects(f"[INFO] Booting worker\n{log}")) == findings


def test_a_traceback_in_the_log():
    assert list(defects("Traceback (most recent call last):\n")) == ["a traceback in the log"]


def shooter(seed):
    keys = {"huggy": "a", "fivehub": "b", "typebot": "c"}
    return Shooter(seed, DOCUMENT, keys, Pages(["/l/token"], "/l/flooded", "/l/untouched"))


def test_the_same_seed_makes_the_same_requests():
    def first(seed):
        one = shooter(seed)
        return [one.shot() for _ in range(300)]

    assert first("1") == first("1") != first("2")
    assert len({shot.kind for shot in first("1")}) == 12


def test_half_a_request_has_one_honest_reply_or_none():
    one = shooter("1")
    halves = [one.half() for _ in range(100)]
    assert all(half.waits for half in halves)
    assert {half.allowed for half in halves} == {(), (408,), (408, 429)}
