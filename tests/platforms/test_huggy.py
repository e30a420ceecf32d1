"""Huggy: text only, by pole."""

from tests.platforms.contract import PlatformContract
from webhook.platforms.huggy.platform import PLATFORM


class TestHuggy(PlatformContract):
    platform = PLATFORM
    yes, no, unknown, nothing = "sim", "nao", "indefinido", ""
    text_only = True
    notifies = True

    def test_a_whole_reply(self, client):
        reply = self.ask(client, "viable")
        assert reply.pop("protocolo")
        assert reply == {
            "ok": "sim",
            "codigo": "viavel",
            "mensagem": "Boa notícia: temos fibra disponível no seu endereço!",
            "viavel": "sim",
            "motivo": "",
            "modo": "poste",
            "latitude": "-27.59871",
            "longitude": "-48.519455",
            "endereco": "",
            "precisao": "exata",
            "poste_id": reply["poste_id"],
            "poste_nome": "P_552",
            "poste_distancia_m": "17.7",
            "caixa_id": reply["caixa_id"],
            "caixa_nome": "CTO 04-04",
            "caixa_distancia_m": "32.7",
            "caixa_implantada": "sim",
            "portas_livres": "5",
            "caixas_viaveis": "3",
        }
        assert len(reply["poste_id"]) == len(reply["caixa_id"]) == 24

    def test_a_whole_reply_without_a_verdict(self, client):
        reply = self.call(client, json={"localizacao": "perto da igreja"}).get_json()
        assert reply.pop("protocolo")
        said = {key: value for key, value in reply.items() if value}
        assert said == {
            "ok": "nao",
            "codigo": "localizacao_nao_entendida",
            "mensagem": "Não consegui entender a localização. Envie de novo pelo aplicativo, cole um link do"
            " mapa, ou escreva a rua, o número e a cidade.",
            "viavel": "indefinido",
            "modo": "poste",
        }


def test_texts_inside_variables(make_app):
    """For an account that captures no flat keys."""
    client = make_app(styles={"huggy": "variables"}).test_client()
    ask = TestHuggy()
    reply = ask.call(client, json={"localizacao": "perto da igreja"}).get_json()
    assert [*reply] == ["variables"]
    assert reply["variables"]["viavel"] == "indefinido"
    refused = client.post("/huggy/conversa", json={})
    assert (refused.status_code, refused.get_json()["variables"]["acao"]) == (401, "transferir")
