"""python -m webhook openapi: docs/openapi.json as the code has it."""

import sys

import pytest

from webhook.__main__ import main
from webhook.cli import openapi


@pytest.fixture
def command(monkeypatch, capsys):
    def command(name):
        monkeypatch.setattr(sys, "argv", ["webhook", "openapi", name])
        status = main()
        return status, capsys.readouterr().err

    return command


def test_the_committed_document_is_what_the_code_says(command):
    assert command("check") == (0, "")


def test_drift_is_said_and_mended(command, monkeypatch, tmp_path):
    path = tmp_path / "openapi.json"
    monkeypatch.setattr(openapi, "PATH", path)
    said = "docs/openapi.json is not what the code says: .venv/bin/python -m webhook openapi write\n"
    assert command("check") == (1, said)
    path.write_text("{}")
    assert command("check") == (1, said)
    assert command("write") == (0, "")
    assert command("check") == (0, "")
