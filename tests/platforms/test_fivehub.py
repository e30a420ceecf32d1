"""5Hub: typed values, by radius; texts on demand."""

import pytest

from tests.platforms.contract import PlatformContract
from tests.platforms.test_huggy import TestHuggy as Huggy
from webhook.platforms.fivehub import PLATFORM


class TestFiveHub(PlatformContract):
    platform = PLATFORM
    yes, no, unknown, nothing = True, False, None, None
    text_only = False
    notifies = False

    def test_a_whole_reply(self, client):
        reply = self.ask(client, "viable")
        assert reply.pop("protocolo")
        assert reply == {
            "ok": True,
            "codigo": "viavel",
            "mensagem": "Boa notícia: temos fibra disponível no seu endereço!",
            "viavel": True,
            "motivo": None,
            "modo": "raio",
            "latitude": -27.59871,
            "longitude": -48.519455,
            "endereco": None,
            "precisao": "exata",
            "poste_id": None,
            "poste_nome": None,
            "poste_distancia_m": None,
            "caixa_id": reply["caixa_id"],
            "caixa_nome": "CTO 04-04",
            "caixa_distancia_m": 26.1,
            "caixa_implantada": True,
            "portas_livres": 5,
            "caixas_viaveis": 16,
        }


class TestFiveHubInText(PlatformContract):
    platform = PLATFORM
    yes, no, unknown, nothing, text_only = Huggy.yes, Huggy.no, Huggy.unknown, Huggy.nothing, True
    notifies = False

    @pytest.fixture
    def client(self, make_app):
        return make_app(styles={"huggy": "text", "fivehub": "text"}).test_client()
