"""python -m webhook locate: what the readers make of a text, without network unless it is asked for."""

import socket
import sys

import pytest

from webhook.__main__ import main

LINK = "https://maps.google.com/?q=-27.59871,-48.519455"


@pytest.fixture
def locate(monkeypatch, capsys):
    def locate(*arguments):
        monkeypatch.setattr(sys, "argv", ["webhook", "locate", *arguments])
        status = main()
        return status, capsys.readouterr().out

    return locate


@pytest.mark.parametrize(
    ("text", "status", "wanted"),
    [
        ("-27.59871,-48.519455", 0, "texto: -27.598710, -48.519455 (a escrita deixa 0.1 m em aberto)"),
        ("27°36'S 48°31'W", 1, "927.7 m (bairro): é uma região"),
        ('{"text": {"body": "' + LINK + '"}}', 0, "links: -27.598710, -48.519455"),
        ("48.8584, 2.2945", 1, "fora do país"),
        ("-27.59871, -48.519455 ± 1500 m", 1, "precisão informada de 1500 m"),
        ("R. Dona Marina 450, Trindade", 1, "pergunta ao mapa: Rua Dona Marina, 450, Trindade"),
        ("CF2J+G6 Florianópolis", 1, "Plus Code curto: CF2J+G6, perto de Florianópolis"),
        ("https://maps.app.goo.gl/Ab12Cd", 1, "link curto: só --ask mostra aonde ele leva"),
        ("27°95'S 48°31'W", 1, "localizacao_nao_entendida, e nada vai ao mapa"),
        ("oi", 1, "localizacao_nao_entendida, e nada vai ao mapa"),
    ],
)
def test_the_steps_are_shown_without_network(locate, monkeypatch, text, status, wanted):
    monkeypatch.setattr(socket, "socket", None)
    seen, out = locate(text)
    assert wanted in out
    assert seen == status


def test_with_ask_the_geocoder_answers(locate, sandbox, monkeypatch):
    settings = {
        "OZMAP_URL": sandbox.url,
        "OZMAP_TOKEN": sandbox.token,
        "HUGGY_KEY": "12345678",
        "GEOCODER": "nominatim",
        "GEOCODER_URL": f"{sandbox.url}/nominatim",
        "CEP_URL": f"{sandbox.url}/viacep",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    status, out = locate("Rua Dona Marina, 450", "--ask")
    assert (status, out.splitlines()[-1]) == (
        0,
        "resposta: -27.599013, -48.520442 (endereco) Rua Dona Marina, 450 - Trindade, Florianópolis - SC",
    )
    status, out = locate("--ask", "oi")
    assert (status, out.splitlines()[-1]) == (1, "resposta: localizacao_nao_entendida")
