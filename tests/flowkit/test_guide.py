"""The build guide: a person who follows it builds the same flow."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from flowkit import guide
from flowkit.picture import draw
from tests.flowkit.guide_reader import steps_of
from webhook.flows import export, loading
from webhook.flows.definition import Pause

TEMPLATES = loading.load()
URL = "https://webhook.isp.example/ozmap"
each_flow = pytest.mark.parametrize("which", TEMPLATES.flows, ids="/".join)


@pytest.fixture
def exported():
    def exported(which):
        flow = loading.parse(export.definition(*which, URL))
        return flow, guide.page_of(flow, TEMPLATES.entries[which])

    return exported


@each_flow
def test_a_person_who_follows_the_guide_builds_the_flow(exported, which):
    flow, page = exported(which)
    assert steps_of(page) == flow.steps


@each_flow
def test_the_picture_has_each_step_once_and_each_edge(exported, which):
    flow, page = exported(which)
    pictures = [ElementTree.fromstring(picture) for picture in draw(flow)]
    texts = [text.text for picture in pictures for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert sorted(text for text in texts if text in {step.id for step in flow.steps}) == sorted(
        step.id for step in flow.steps
    )
    lines = sum(1 for picture in pictures for _ in picture.iter("{http://www.w3.org/2000/svg}path"))
    written = sum(bool(re.match(r"→ \d", text)) for text in texts)
    assert lines + written == sum(len(step.edges) for step in flow.steps)
    assert all(picture in page for picture in draw(flow))


def test_a_guide_says_what_it_is_and_escapes_what_it_shows(exported):
    flow, page = exported(("fivehub", "contratacao"))
    assert "<strong>Não verificado:</strong>" in page
    assert "<script" not in page
    mean = Pause("espera", flow.start, seconds=3)
    text = export.definition("fivehub", "contratacao", URL).replace("Olá!", "<b>Olá</b> & {x}")
    odd = guide.page_of(loading.parse(text), TEMPLATES.entries["fivehub", "contratacao"])
    assert "<b>Olá" not in odd
    assert steps_of(odd) == loading.parse(text).steps
    paused = replace(flow, start=mean.id, steps=(mean, *flow.steps))
    assert steps_of(guide.page_of(paused, TEMPLATES.entries["fivehub", "contratacao"])) == paused.steps


def test_over_http(make_app):
    client = make_app(operator_key="operator-key", public_url=URL).test_client()
    key = {"X-Webhook-Key": "operator-key"}
    answer = client.get("/flows/fivehub/contratacao.html", headers=key)
    flow = loading.parse(export.definition("fivehub", "contratacao", URL))
    assert (answer.mimetype, steps_of(answer.text)) == ("text/html", flow.steps)
    for headers in ({}, {"X-Webhook-Key": "huggy-key-1"}):
        refused = client.get("/flows/fivehub/contratacao.html", headers=headers)
        assert (refused.status_code, refused.get_json()["codigo"]) == (401, "chave_invalida")
    nothing = client.get("/flows/fivehub/nada.html", headers=key)
    assert (nothing.status_code, nothing.get_json()["codigo"]) == (404, "nao_encontrado")
    off = make_app(public_url=URL).test_client().get("/flows/fivehub/contratacao.html", headers=key)
    assert off.status_code == 404
