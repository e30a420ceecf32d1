"""Every curl line of the READMEs and of the tour gives the reply that stands below it."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from werkzeug.datastructures import MultiDict

from sandbox import Sandbox, demo, sample_network
from sandbox.network import PLACES
from schemas.fields import number

ROOT = Path(__file__).parents[1]
PAGES = {"README.md": 2, "README.pt-BR.md": 2, "docs/tour.md": len(demo.LINES)}
"""How many of the lines of `make run` a page shows, from the first one on."""
MOST_WORDS = 600
EXAMPLE = re.compile(r"```sh\n(curl .+?)\n```\n\n```json\n(.*?)```", re.DOTALL)


NEW_IDS = ("cliente_id", "imovel_id", "prospect_id", "etapa")
"""Reply keys that are different each time, where they are not empty."""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Of this module's own, for it is sold in."""
    with Sandbox(token="token-of-the-tests", network=sample_network()) as sandbox:
        yield sandbox


@pytest.fixture
def curl(make_app, tenant):
    """Runs a curl line against the application with the keys of `make run`."""
    from dataclasses import replace

    app = make_app(replace(tenant, keys={"huggy": ("demo-huggy",), "fivehub": ("demo-5hub",)}))

    def curl(line: str) -> dict[str, object]:
        command, silent, url, *options = shlex.split(line)
        assert (command, silent) == ("curl", "-s")
        headers, data = [], MultiDict()
        for option, value in zip(options[::2], options[1::2], strict=True):
            if option == "-H":
                headers.append(tuple(value.split(": ", 1)))
            else:
                assert option == "-d"
                data.add(*value.split("=", 1))
        answer = app.test_client().post(urlsplit(url).path, headers=headers, data=data)
        return answer.get_json()

    return curl


@pytest.mark.parametrize("name", PAGES)
def test_the_answers_below_the_curl_lines(curl, name):
    examples = EXAMPLE.findall((ROOT / name).read_text())
    assert [line for line, _ in examples] == list(demo.lines().values())[: PAGES[name]]
    for line, expected in examples:
        reply = curl(line)
        assert len(reply.pop("protocolo")) == 12
        documented = json.loads(expected)
        assert documented.pop("protocolo")
        for key in NEW_IDS:
            assert len(reply.pop(key, "") or "") == len(documented.pop(key, "") or "")
        assert reply == documented


@pytest.mark.parametrize("name", ["README.md", "README.pt-BR.md"])
def test_a_readme_is_short(name):
    assert len((ROOT / name).read_text().split()) <= MOST_WORDS


def test_the_demo_shows_a_yes_on_both_platforms_and_a_no_with_its_reason(curl):
    replies = [curl(line) for line in demo.lines().values()]
    replies, sold, led = replies[:4], replies[4:-2], replies[-2:]
    assert [reply["acao"] for reply in led] == ["perguntar", "perguntar"]
    assert [reply["codigo"] for reply in sold] == [
        "reservado",
        "reserva_encontrada",
        "ja_reservado",
        "reserva_cancelada",
        "prospect_criado",
    ]
    found = replies.pop(2)
    assert (found["codigo"], found["precisao"]) == ("localizacao_ok", "endereco")
    assert [reply["codigo"] for reply in replies] == ["viavel", "viavel", "sem_viabilidade"]
    assert [reply["modo"] for reply in replies] == ["poste", "raio", "poste"]
    assert replies[2]["motivo"] == "sem_caixa"
    places = [(number(reply["latitude"]), number(reply["longitude"])) for reply in replies]
    viable, no_fibre = PLACES["viable"].point, PLACES["no_fibre_street"].point
    assert places == [viable, viable, no_fibre]
