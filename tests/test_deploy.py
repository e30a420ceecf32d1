"""The files in deploy/ fit the service. That they work was tried by hand: docs/deploy.md says how far."""

import json
import re
import runpy
import shlex
import subprocess
from pathlib import Path

import yaml

from webhook import settings
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
    assert "reverse_proxy {$WEBHOOK_ADDRESS:127.0.0.1:15000} {" in CADDYFILE


def test_times_of_systemd_and_caddy_leave_gunicorn_its_own(monkeypatch):
    monkeypatch.setattr(serving, "settings_at_start", lambda: Settings(tenants=(), styles={}))
    gunicorn = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert float(unit("webhook.service")["TimeoutStopSec"]) > gunicorn["graceful_timeout"]
    (idle,) = (line.split()[1] for line in CADDYFILE.splitlines() if line.strip().startswith("keepalive "))
    assert float(idle.removesuffix("s")) < gunicorn["keepalive"]


COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICE = COMPOSE["x-service"]


def test_the_containers_run_what_the_procfile_says():
    procfile = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    [image] = re.findall(r"^CMD (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    commands = {name: COMPOSE["services"][name].get("command", json.loads(image)) for name in procfile}
    assert {name: shlex.join(command) for name, command in commands.items()} == procfile


def test_the_containers_settings_exist_and_every_secret_is_a_file():
    assert set(SERVICE["environment"]) <= settings.NAMES
    assert not settings.SECRETS & set(SERVICE["environment"])
    mounted = {f"/run/secrets/{name}" for name in SERVICE["secrets"]}
    named = {value for name, value in SERVICE["environment"].items() if name.endswith("_FILE")}
    assert mounted == named
    assert {f"{name.upper()}_KEY_FILE" for name in PLATFORMS} <= set(SERVICE["environment"])
    made = (DEPLOY / "secrets.sh").read_text()
    for name, secret in COMPOSE["secrets"].items():
        assert secret["file"] == f"./secrets/{name}"
        assert name in made


def test_the_secrets_are_made_once(tmp_path):
    def make():
        subprocess.run([DEPLOY / "secrets.sh"], cwd=tmp_path, input="the-token\n", text=True, check=True)
        return {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}

    made = make()
    assert set(made) == set(COMPOSE["secrets"])
    assert made["ozmap_token"] == "the-token"
    assert made["database_password"] in made["database_url"]
    assert len(made["huggy_key"]) == 48
    assert make() == made


def test_the_image_has_what_the_service_needs_and_stops_in_time():
    copied = re.findall(r"^COPY (?!--)(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {f"!{path}" for path in copied} <= set(ignored)
    web, worker = COMPOSE["services"]["web"], COMPOSE["services"]["worker"]
    for service, name in ((web, "webhook.service"), (worker, "webhook-worker.service")):
        assert service["stop_grace_period"] == f"{unit(name)['TimeoutStopSec']}s"
