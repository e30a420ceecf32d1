"""What gunicorn calls at a reload. Starts, stops and whole reloads: tests/test_stop_and_reload.py."""

import logging
from types import SimpleNamespace

import pytest

from webhook.net.sockets import tls_context
from webhook.process.gunicorn_hooks import on_reload


def server(load) -> SimpleNamespace:
    app = SimpleNamespace(load=load, callable="the one in use")
    return SimpleNamespace(app=app, log=logging.getLogger("gunicorn"))


def test_a_certificate_file_is_read_anew(authority):
    _, file = authority
    before = tls_context(file)
    reloaded = server(lambda: "the next")
    on_reload(reloaded)
    assert reloaded.app.callable == "the next"
    assert tls_context(file) is not before


def test_a_defect_ends_no_service(caplog: pytest.LogCaptureFixture):
    def breaks():
        raise RuntimeError("with a token in it")

    reloaded = server(breaks)
    on_reload(reloaded)
    assert reloaded.app.callable == "the one in use"
    assert "RuntimeError at test_gunicorn_hooks.py" in caplog.text
    assert "token" not in caplog.text
