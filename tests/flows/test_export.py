"""What a provider gets: the definition with the address in it, and a guide that builds the same flow."""

import json
import re
from xml.etree import ElementTree

import pytest

from flowkit.picture import draw
from tests.flowkit.guide_reader import steps_of
from webhook.flows import bundle, export
from webhook.flows.definition import Pause, Request

BUNDLE = bundle.load()
URL = "https://webhook.isp.example/ozmap"
each_flow = pytest.mark.parametrize("which", BUNDLE.flows, ids="/".join)


@pytest.fixture
def exported():
    def exported(which):
        flow = export.read(export.definition(*which, URL))
        return flow, export.guide(flow, BUNDLE.entries[which])

    return exported


@each_flow
def test_the_definition_has_the_address_and_no_key(which):
    text = export.definition(*which, URL)
    assert "{{PUBLIC_URL}}" not in text
    calls = [step for step in export.read(text).steps if isinstance(step, Request)]
    assert all(call.url.startswith(f"{URL}/{which[0]}/") for call in calls)
    assert {value for call in calls for value in call.headers.values()} == {"{{CHAVE}}"}


@each_flow
def test_whoever_follows_the_guide_builds_the_flow(exported, which):
    flow, guide = exported(which)
    assert steps_of(guide) == flow.steps


@each_flow
def test_the_picture_has_each_step_once_and_each_way(exported, which):
    flow, guide = exported(which)
    pictures = [ElementTree.fromstring(picture) for picture in draw(flow)]
    texts = [text.text for picture in pictures for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert sorted(text for text in texts if text in {step.id for step in flow.steps}) == sorted(
        step.id for step in flow.steps
    )
    lines = sum(1 for picture in pictures for _ in picture.iter("{http://www.w3.org/2000/svg}path"))
    written = sum(bool(re.match(r"→ \d", text)) for text in texts)
    assert lines + written == sum(len(step.edges) for step in flow.steps)
    assert all(picture in guide for picture in draw(flow))


def test_a_guide_says_what_it_is_and_escapes_what_it_shows(exported):
    flow, guide = exported(("fivehub", "contratacao"))
    assert "<strong>Não verificado:</strong>" in guide
    assert "<script" not in guide
    mean = Pause("espera", flow.start, seconds=3)
    text = export.definition("fivehub", "contratacao", URL).replace("Olá!", "<b>Olá</b> & {x}")
    odd = export.guide(export.read(text), BUNDLE.entries["fivehub", "contratacao"])
    assert "<b>Olá" not in odd
    assert steps_of(odd) == export.read(text).steps
    paused = type(flow)(flow.platform, flow.name, flow.title, mean.id, (mean, *flow.steps), flow.given)
    assert steps_of(export.guide(paused, BUNDLE.entries["fivehub", "contratacao"])) == paused.steps


def test_no_such_flow():
    for which in [("fivehub", "nada"), ("nada", "prospect"), ("huggy", "../fivehub_flows/prospect")]:
        with pytest.raises(export.NoSuchFlow):
            export.definition(*which, URL)


def test_over_http(make_app):
    client = make_app(operator_key="operator-key", public_url=URL).test_client()
    key = {"X-Webhook-Key": "operator-key"}
    answer = client.get("/flows/fivehub/contratacao.json", headers=key)
    assert answer.get_json() == json.loads(export.definition("fivehub", "contratacao", URL))
    answer = client.get("/flows/fivehub/contratacao.html", headers=key)
    flow = export.read(export.definition("fivehub", "contratacao", URL))
    assert (answer.mimetype, steps_of(answer.text)) == ("text/html", flow.steps)
    for headers in ({}, {"X-Webhook-Key": "huggy-key-1"}):
        refused = client.get("/flows/fivehub/contratacao.json", headers=headers)
        assert (refused.status_code, refused.get_json()["codigo"]) == (401, "chave_invalida")
    nothing = client.get("/flows/fivehub/nada.json", headers=key)
    assert (nothing.status_code, nothing.get_json()["codigo"]) == (404, "nao_encontrado")
    off = make_app(public_url=URL).test_client().get("/flows/fivehub/contratacao.json", headers=key)
    assert off.status_code == 404
