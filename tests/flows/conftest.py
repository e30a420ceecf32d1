"""Conversations as an author writes them, for one test each."""

from collections.abc import Callable
from pathlib import Path

import pytest

from webhook.flows import loading
from webhook.flows.definition import Flow
from webhook.flows.expand import expand

HEAD = 'titulo = "Exemplo"\npara_que = "testar"\nversao = "1"\ndata = 2026-11-27\n'
PERSON = 'atendente = "gente"\npalavras_de_atendente = ["atendente", "falar com alguém"]\n'
ENDS = '[passos.fim]\nencerre = ""\n[passos.gente]\ntransfira = ""\n'


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """The file of a conversation with these steps."""

    def written(steps: str = ENDS, head: str = HEAD, name: str = "exemplo") -> Path:
        path = tmp_path / f"{name}.toml"
        path.write_text(head + steps, encoding="utf-8")
        return path

    return written


@pytest.fixture
def made(written: Callable[..., Path]) -> Callable[..., Flow]:
    """The flow that is made of a conversation with these steps, and with two that end it."""

    def made(steps: str, head: str = HEAD) -> Flow:
        return expand(loading.load(written(steps + ENDS, head)))

    return made
