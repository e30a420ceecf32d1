"""What every platform keeps, whatever it is called: inherit, and name the platform's module.

A new platform is tested by a class of five lines (docs/adding-a-platform.md).
"""

from dataclasses import replace
from typing import Any, ClassVar

import pytest
from flask.testing import FlaskClient

from sandbox import PLACES, Sandbox
from schemas.fields import Mode
from tests.conftest import KEYS
from webhook.outcomes import CATALOGUE
from webhook.platforms.base import Platform
from webhook.settings import NAMES, Settings
from webhook.web.actions import ACTIONS

COMMON = ["ok", "codigo", "mensagem", "protocolo"]
SALES = [
    "reserva",
    "reserva/consulta",
    "reserva/cancelamento",
    "reserva/ativacao",
    "prospect",
]
READS = ["viabilidade", "localizacao", "eco"]


class PlatformContract:
    """Replies are flat, have the same keys on every path, and never say no without proof."""

    platform: ClassVar[Platform]
    yes: ClassVar[Any]
    no: ClassVar[Any]
    unknown: ClassVar[Any]
    """How the platform writes `viavel`."""
    nothing: ClassVar[Any]
    """How it writes an absent value."""
    text_only: ClassVar[bool]
    notifies: ClassVar[bool]
    """Whether it can tell a customer something later."""

    @property
    def key(self) -> str:
        return KEYS[self.platform.name][0]

    def call(self, client: FlaskClient, action: str = "viabilidade", **options: Any):
        headers = {"X-Webhook-Key": self.key} | options.pop("headers", {})
        return client.open(
            f"/{self.platform.name}/{action}", **({"method": "POST"} | options), headers=headers
        )

    def ask(self, client: FlaskClient, place: str, **values: Any) -> dict[str, Any]:
        point = PLACES[place].point
        answer = self.call(client, json={"latitude": point.lat, "longitude": point.lng} | values)
        assert answer.status_code == 200
        return answer.get_json()

    def keys_of(self, action: str) -> list[str]:
        [reply] = [declared.reply for declared in ACTIONS if declared.name == action]
        return list(reply().fields)

    def check_flat(self, reply: dict[str, Any]) -> None:
        kinds = str if self.text_only else str | int | float | bool | None
        assert all(isinstance(value, kinds) for value in reply.values())

    def test_viable(self, client):
        for mode in ("poste", "raio"):
            reply = self.ask(client, "viable", modo=mode)
            assert (reply["codigo"], reply["viavel"], reply["modo"]) == ("viavel", self.yes, mode)
            assert reply["caixa_nome"] == "CTO 04-04"
            self.check_flat(reply)

    def test_not_viable_with_a_reason(self, client):
        for mode in ("poste", "raio"):
            reply = self.ask(client, "no_fibre_street", modo=mode)
            assert (reply["codigo"], reply["viavel"]) == ("sem_viabilidade", self.no)
            assert (reply["motivo"], reply["caixa_id"]) == ("sem_caixa", self.nothing)
            self.check_flat(reply)

    def test_its_own_mode_unless_the_tenant_or_the_request_says_otherwise(self, client):
        assert self.ask(client, "viable")["modo"] == self.platform.mode
        assert self.ask(client, "viable", modo=" POSTE ")["modo"] == "poste"
        assert self.ask(client, "viable", modo="{modo}")["modo"] == self.platform.mode

    @pytest.mark.parametrize(
        "fault",
        [
            {"status": 503},
            {"status": 500, "body": {"message": "Rua do cliente, 1"}},
            {"status": 200, "body": "<html>login</html>", "content_type": "text/html"},
            {"status": 200, "body": "null"},
            {"broken": "half"},
            {"broken": "cut"},
            {"broken": "reset"},
            {"broken": "reset", "when": "after"},
            {"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}},
            {"status": 429},
        ],
        ids=str,
    )
    def test_trouble_with_ozmap_is_never_a_no(self, client, sandbox: Sandbox, fault):
        sandbox.faults.add("/", **fault)
        for mode in ("poste", "raio"):
            reply = self.ask(client, "no_fibre_street", modo=mode)
            assert (reply["codigo"], reply["viavel"]) == ("ozmap_indisponivel", self.unknown)
            assert (reply["motivo"], reply["modo"]) == (self.nothing, mode)
            assert float(reply["latitude"]) == PLACES["no_fibre_street"].point.lat
            assert "Rua do cliente" not in str(reply)
            assert list(reply) == self.keys_of("viabilidade")

    def test_a_refusal_of_ozmap_is_the_operators(self, client, sandbox: Sandbox):
        sandbox.faults.add("/", status=401, body={"message": "bad key"})
        reply = self.ask(client, "viable")
        assert (reply["codigo"], reply["viavel"]) == ("ozmap_recusou", self.unknown)

    @pytest.mark.parametrize("action", [*READS, *SALES])
    def test_the_same_keys_on_every_path(self, client, action):
        point = PLACES["viable"].point
        paths = [
            {"json": {"latitude": point.lat, "longitude": point.lng}},
            {"json": {}},
            {"data": "{"},
            {"data": "x" * 70_000},
            {"headers": {"X-Webhook-Key": "wrong"}},
            {"method": "DELETE"},
            {"method": "OPTIONS"},
        ]
        statuses = []
        for path in paths:
            answer = self.call(client, action, **path)
            statuses.append(answer.status_code)
            assert answer.content_type == "application/json"
            assert list(answer.get_json()) == self.keys_of(action)
            assert answer.get_json()["codigo"] in CATALOGUE
            assert answer.get_json()["protocolo"] == answer.headers["X-Request-ID"]
            self.check_flat(answer.get_json())
        assert statuses == [200, 200, 200, 413, 401, 405, 405]

    def test_reads_answer_get_and_head(self, client):
        for action in READS:
            assert self.call(client, action, method="GET").status_code == 200
            head = self.call(client, action, method="HEAD")
            assert (head.status_code, head.data) == (200, b"")

    @pytest.mark.parametrize("path", ["", "/", "/viabilidades", "/viabilidade/mais", "//viabilidade"])
    def test_an_unknown_route_has_the_common_keys(self, client, path):
        answer = client.get(f"/{self.platform.name}{path}", headers={"X-Webhook-Key": self.key})
        assert answer.status_code == 404
        assert list(answer.get_json()) == COMMON
        assert answer.get_json()["codigo"] == "nao_encontrado"
        self.check_flat(answer.get_json())

    def test_a_final_slash_changes_nothing(self, client):
        assert self.call(client, "viabilidade/", json={}).get_json()["codigo"] == "localizacao_ausente"

    @pytest.mark.parametrize("spelling", ["X-Webhook-Key", "Authorization", "bearer"])
    def test_three_spellings_of_the_key(self, client, spelling):
        for key in KEYS[self.platform.name]:
            name = "Authorization" if spelling == "bearer" else spelling
            value = f"bearer  {key}" if spelling == "bearer" else key
            answer = client.post(f"/{self.platform.name}/eco", headers={name: value})
            assert answer.status_code == 200

    def test_the_first_spelling_that_is_there_decides(self, client):
        url = f"/{self.platform.name}/eco"
        good, bad = self.key, "wrong-key"
        assert client.post(url, headers={"X-Webhook-Key": bad, "Authorization": good}).status_code == 401
        assert client.post(url, headers={"X-Webhook-Key": good, "Authorization": bad}).status_code == 200
        assert client.post(url, headers={"X-Webhook-Key": " ", "Authorization": good}).status_code == 200

    @pytest.mark.parametrize(
        "key", ["", "wrong", "huggy-key-1,huggy-key-2", "ção", "\u00ff", "Bearer", "Basic x"]
    )
    def test_no_other_key(self, client, key):
        for name in ("X-Webhook-Key", "Authorization"):
            answer = client.post(f"/{self.platform.name}/eco", headers={name: key})
            assert answer.status_code == 401
            assert answer.get_json()["codigo"] == "chave_invalida"
            assert not key or key not in answer.text or key == "Bearer"

    def test_the_key_of_another_platform_is_wrong_here(self, client):
        for name, keys in KEYS.items():
            if name != self.platform.name:
                answer = client.post(f"/{self.platform.name}/eco", headers={"X-Webhook-Key": keys[0]})
                assert answer.status_code == 401

    def test_a_key_in_the_url_opens_nothing(self, client):
        query = {"X-Webhook-Key": self.key, "key": self.key, "authorization": self.key}
        assert client.get(f"/{self.platform.name}/eco", query_string=query).status_code == 401

    def test_off_without_a_key(self, make_app, tenant):
        others = {name: keys for name, keys in KEYS.items() if name != self.platform.name}
        client = make_app(replace(tenant, keys=others)).test_client()
        answer = client.post(f"/{self.platform.name}/viabilidade", headers={"X-Webhook-Key": self.key})
        assert (answer.status_code, answer.get_json()["codigo"]) == (404, "nao_encontrado")

    def test_the_tenants_wishes(self, make_app, tenant):
        wishes = replace(
            tenant,
            mode=Mode.RADIUS,
            implanted_only=True,
            texts={"viavel": "Tem fibra, {nome}!", "sem_viabilidade": "Avisaremos."},
        )
        client = make_app(wishes).test_client()
        reply = self.ask(client, "not_implanted")
        assert (reply["modo"], reply["caixa_nome"]) == ("raio", "CTO 35-02")
        assert reply["mensagem"] == "Tem fibra, {nome}!"
        assert self.ask(client, "nowhere")["mensagem"] == "Avisaremos."

    def test_the_key_picks_the_tenant(self, make_app, tenant):
        name = self.platform.name
        first = replace(tenant, slug="a", keys={name: ("key-of-isp-a",)})
        second = replace(tenant, slug="b", keys={name: ("key-of-isp-b",)}, texts={"eco": "isp b"})
        client = make_app(first, second).test_client()
        for key, message in (("key-of-isp-a", "Recebido."), ("key-of-isp-b", "isp b")):
            assert self.call(client, "eco", headers={"X-Webhook-Key": key}).get_json()["mensagem"] == message

    def test_a_notifier_is_off_until_its_setting_is_there(self, tenant):
        notifier = self.platform.notifier
        assert (notifier is not None) == self.notifies
        if notifier:
            assert notifier.setting in NAMES
            assert not notifier.is_set_up(tenant)
            assert notifier.of(tenant, Settings((tenant,), styles={})) is None

    def test_a_defect_of_ours_is_a_flat_500(self, client, monkeypatch):
        def breaks(*_):
            raise RuntimeError("with the customer's name in it")

        monkeypatch.setattr("webhook.web.actions.viability.look_up", breaks)
        point = PLACES["viable"].point
        answer = self.call(client, json={"latitude": point.lat, "longitude": point.lng, "modo": "raio"})
        assert (answer.status_code, answer.get_json()["codigo"]) == (500, "erro_interno")
        assert list(answer.get_json()) == self.keys_of("viabilidade")
        assert "customer" not in answer.text

    def test_echo_names_keys_and_kinds_and_shows_no_value(self, client):
        values = {
            "nome": "Fulana",
            "idade": 40,
            "altura": 1.6,
            "cliente": True,
            "tags": ["a"],
            "vazio": "{nome}",
            "local": {"latitude": -27.5, "nome": {}, "tipo": {"a": None}},
            "k" * 100: 1,
        }
        reply = self.call(client, "eco", json=values).get_json()
        assert reply["codigo"] == "eco"
        assert reply["formato"] == "json"
        assert sorted(reply["recebido"].split(", ")) == [
            "altura: numero",
            "cliente: sim/nao",
            "idade: numero",
            f"{'k' * 64}: numero",
            "local.latitude: numero",
            "local.nome: objeto",
            "local.tipo.a: vazio",
            "nome: texto",
            "tags: lista",
            "vazio: vazio",
        ]
        assert self.call(client, "eco", data={"a": "1"}).get_json()["formato"] == "formulario"
        assert self.call(client, "eco", method="GET", query_string="a=1").get_json()["formato"] == "consulta"
        empty = self.call(client, "eco").get_json()
        assert (empty["formato"], empty["recebido"]) == ("vazio", "")
