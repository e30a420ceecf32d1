"""What a provider gets: the definition with the address in it, as a file and over HTTP."""

import json

import pytest

from tests.conftest import STYLES
from webhook import create_app
from webhook.flows import export, loading
from webhook.flows.definition import Request
from webhook.settings import Settings

URL = "https://webhook.isp.example/ozmap"
KEY = {"X-Webhook-Key": "operator-key"}


@pytest.mark.parametrize("which", loading.load().flows, ids="/".join)
def test_the_definition_has_the_address_and_no_key(which):
    text = export.definition(*which, URL)
    assert "{{PUBLIC_URL}}" not in text
    calls = [step for step in loading.parse(text).steps if isinstance(step, Request)]
    assert all(call.url.startswith(f"{URL}/{which[0]}/") for call in calls)
    assert {value for call in calls for value in call.headers.values()} == {"{{CHAVE}}"}


def test_no_such_flow():
    for which in [("fivehub", "nada"), ("nada", "prospect"), ("huggy", "../fivehub_flows/prospect")]:
        with pytest.raises(export.NoSuchFlow):
            export.definition(*which, URL)


def test_over_http(make_app):
    client = make_app(operator_key="operator-key", public_url=URL).test_client()
    answer = client.get("/flows/fivehub/contratacao.json", headers=KEY)
    assert answer.get_json() == json.loads(export.definition("fivehub", "contratacao", URL))
    for headers in ({}, {"X-Webhook-Key": "huggy-key-1"}):
        refused = client.get("/flows/fivehub/contratacao.json", headers=headers)
        assert (refused.status_code, refused.get_json()["codigo"]) == (401, "chave_invalida")
    nothing = client.get("/flows/fivehub/nada.json", headers=KEY)
    assert (nothing.status_code, nothing.get_json()["codigo"]) == (404, "nao_encontrado")
    off = make_app(public_url=URL).test_client().get("/flows/fivehub/contratacao.json", headers=KEY)
    assert off.status_code == 404


def test_the_webhook_alone_has_no_guide_and_no_simulator(tenant, sqlite_url):
    settings = Settings(
        (tenant,), STYLES, operator_key="operator-key", simulator=True, database_url=sqlite_url
    )
    client = create_app(settings).test_client()
    assert client.get("/flows/fivehub/contratacao.json", headers=KEY).status_code == 200
    assert client.get("/flows/fivehub/contratacao.html", headers=KEY).status_code == 404
    assert client.get("/simulador").status_code == 404
    described = client.get("/openapi.json").get_json()["paths"]
    assert [path for path in described if path.startswith("/flows/")] == ["/flows/{platform}/{name}.json"]
