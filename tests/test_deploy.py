"""The files in deploy/ fit the service. That they work was tried by hand: docs/deploy.md says how far."""

import runpy
from pathlib import Path

from webhook.platforms import PLATFORMS
from webhook.process import gunicorn_hooks as serving
from webhook.settings import Settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
CADDYFILE = (DEPLOY / "Caddyfile").read_text()


def unit(name):
    """All `Key=value` of a unit; of one that stands there twice, the last."""
    lines = (DEPLOY / name).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def test_units_run_what_the_procfile_says():
    procfile = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    web, worker = unit("webhook.service"), unit("webhook-worker.service")
    commands = {"release": web["ExecStartPre"], "web": web["ExecStart"], "worker": worker["ExecStart"]}
    assert commands == {name: f"/opt/webhook/.venv/bin/{command}" for name, command in procfile.items()}


def test_a_worker_that_cannot_start_yet_is_tried_again_without_end():
    worker = unit("webhook-worker.service")
    assert (worker["Restart"], worker["StartLimitIntervalSec"]) == ("always", "0")


def test_caddy_opens_what_platforms_and_customers_call_and_nothing_else():
    (line,) = (line for line in CADDYFILE.splitlines() if line.strip().startswith("@open path"))
    assert set(line.split()[2:]) == {"/l/*", *(f"/{name}/*" for name in PLATFORMS)}


def test_caddy_lets_no_header_change_the_path():
    for name in ("SCRIPT_NAME", "PATH_INFO"):
        assert f"request_header -{name}\n" in CADDYFILE


def test_the_port_is_the_same_everywhere():
    assert unit("webhook.socket")["ListenStream"] == "127.0.0.1:15000"
    assert "reverse_proxy 127.0.0.1:15000 {" in CADDYFILE


def test_times_of_systemd_and_caddy_leave_gunicorn_its_own(monkeypatch):
    monkeypatch.setattr(serving, "settings_at_start", lambda: Settings(tenants=(), styles={}))
    gunicorn = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert float(unit("webhook.service")["TimeoutStopSec"]) > gunicorn["graceful_timeout"]
    (idle,) = (line.split()[1] for line in CADDYFILE.splitlines() if line.strip().startswith("keepalive "))
    assert float(idle.removesuffix("s")) < gunicorn["keepalive"]
