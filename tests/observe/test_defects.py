"""A defect of ours is in the log once, with type, frames and a request's protocolo; never its text."""

import json
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from threading import Event, Thread

import pytest
from gunicorn.config import Config

from schemas.tenants import Tenant
from tests.conftest import KEYS
from webhook.findme import page
from webhook.observe import log
from webhook.ozmap.api import Ozmap
from webhook.process.gunicorn_hooks import QuietLogger
from webhook.process.worker import Worker
from webhook.settings import Settings
from webhook.store import StoreUnavailable
from webhook.store import conversations as rows
from webhook.store.migrate import migrate
from webhook.web import app as app_module

HEADERS = {"X-Webhook-Key": KEYS["huggy"][0]}
SECRET = "Fulana de Tal"


def breaks(*_: object, **__: object):
    raise KeyError(SECRET)


@pytest.fixture
def defects(capfd: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, object]]]:
    """The lines with a defect; nothing else may have been printed of it."""

    def read() -> list[dict[str, object]]:
        printed = capfd.readouterr()
        assert SECRET not in printed.out + printed.err
        assert "Traceback" not in printed.out + printed.err
        lines = [json.loads(line) for line in printed.out.splitlines()]
        return [line for line in lines if "defect" in line]

    return read


def is_told(line: dict[str, object], error: str = "KeyError") -> bool:
    return str(line["defect"]).startswith(f"{error} at test_defects.py:")


def test_in_a_request(client, defects, monkeypatch):
    monkeypatch.setattr(Ozmap, "boxes_near", breaks, raising=False)
    monkeypatch.setattr("webhook.web.app.read_values", breaks)
    reply = client.post("/huggy/eco", json={}, headers=HEADERS).get_json()
    [line] = defects()
    assert is_told(line)
    assert (reply["codigo"], line["protocolo"]) == ("erro_interno", reply["protocolo"])


def once(then: Callable[..., object]) -> Callable[..., object]:
    """Breaks at the first call."""
    calls = iter([breaks])

    def call(*about: object, **more: object) -> object:
        return next(calls, then)(*about, **more)

    return call


@pytest.mark.parametrize("path", ["/l/some-token", "/huggy/nada"])
@pytest.mark.parametrize("broken", [(page, "render"), (app_module, "note_request")])
def test_while_the_reply_is_made(client, defects, monkeypatch, path, broken):
    """After the view."""
    if (path, broken[1]) == ("/huggy/nada", "render"):
        broken = app_module, "request_fields"
    monkeypatch.setattr(*broken, once(getattr(*broken)))
    answer = client.get(path)
    [line] = [line for line in defects() if "protocolo" in line]
    assert (answer.status_code, is_told(line)) == (500, True)
    assert line["protocolo"] == answer.headers.get("X-Request-ID", line["protocolo"])


def test_in_a_step_of_a_conversation_while_the_store_is_down(client, defects, monkeypatch):
    monkeypatch.setattr("webhook.location.resolve.Locator.resolve", breaks)

    def is_down(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(rows, "let_go", is_down)
    values = {"conversa_id": "1", "resposta": "Rua Dona Marina, 552"}
    reply = client.post("/huggy/conversa", json={"conversa_id": "1"}, headers=HEADERS).get_json()
    values["etapa"] = reply["etapa"]
    reply = client.post("/huggy/conversa", json=values, headers=HEADERS).get_json()
    [line] = defects()
    assert (reply["codigo"], line["protocolo"]) == ("erro_interno", reply["protocolo"])
    assert is_told(line)


def test_in_a_probe(client, defects, monkeypatch):
    monkeypatch.setattr(Ozmap, "number_of", breaks)
    assert client.get("/readyz").get_json()["ozmap_isp"] == "unknown"
    [line] = defects()
    assert (is_told(line), line["tenant"]) == (True, "isp")


def test_in_a_geocoder_that_answers_otherwise_than_anybody_thought(client, defects, monkeypatch):
    monkeypatch.setattr("webhook.location.geocoder.Geocoder._match", breaks)
    values = {"localizacao": "Rua Dona Marina, 552"}
    reply = client.post("/huggy/localizacao", json=values, headers=HEADERS).get_json()
    assert reply["codigo"] == "geocoder_indisponivel"
    assert is_told(defects()[0])


@pytest.fixture
def worker(tenant: Tenant, sqlite_url: str) -> Worker:
    made = Worker(Settings(tenants=(tenant,), styles={}, database_url=sqlite_url))
    migrate(made._store)
    return made


def test_in_the_housekeeping_of_the_worker_which_goes_on(worker, defects, monkeypatch):
    rounds = Event()
    thread = Thread(target=worker._every, args=(0.01, once(rounds.set)))
    thread.start()
    went_on = rounds.wait(5)
    worker.stop()
    thread.join(5)
    assert went_on
    [line] = defects()
    assert is_told(line)


def test_in_a_thread_that_ends_with_it(defects, monkeypatch):
    log.configure()
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    log.watch_threads()
    thread = Thread(target=breaks)
    thread.start()
    thread.join()
    [line] = defects()
    assert is_told(line)


def test_in_what_a_library_calls_for_us(defects):
    log.configure()
    future: Future[None] = Future()
    future.add_done_callback(breaks)
    future.set_result(None)
    [line] = defects()
    assert (is_told(line), line["logger"]) == (True, "concurrent.futures")


def test_what_a_library_says_without_an_exception_is_not_quoted(capfd):
    log.configure()
    logging.getLogger("some.library").warning("cannot read %s", SECRET)
    printed = capfd.readouterr()
    assert SECRET not in printed.out + printed.err
    assert json.loads(printed.out)["logger"] == "some.library"


@pytest.mark.parametrize("text", ["Error handling request %s", "Unhandled exception in main loop"])
def test_in_gunicorn(caplog, text):
    logger = QuietLogger(Config())
    logger.error_log.propagate = True
    try:
        breaks()
    except KeyError:
        logger.exception(text, *([SECRET] if "%s" in text else []))
    logger.error_log.propagate = False
    assert "KeyError at test_defects.py:" in caplog.text
    assert SECRET not in caplog.text
