"""The build guide: a person who follows it builds the same flow."""

import re
from collections.abc import Mapping
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from flowkit import guide
from flowkit.picture import draw
from tests.conftest import KEYS
from tests.flowkit.guide_reader import calls_of, steps_of
from webhook.flows import dialogue, export
from webhook.flows.definition import End, Flow, Message, Question, Request, Step
from webhook.flows.expand import expand
from webhook.flows.play import JsonReply, Player
from webhook.platforms import PLATFORMS

URL = "https://webhook.isp.example/ozmap"
BY_HAND = [name for name, platform in PLATFORMS.items() if platform.loop is None]
FLOWS = [(platform, name) for platform in BY_HAND for name in export.exported(platform)]
each_flow = pytest.mark.parametrize(("platform", "name"), FLOWS)


def flow_of(platform: str, name: str):
    return expand(export.dialogue_of(platform, name))


def as_built(step: Step) -> Step:
    """What a builder has of a step."""
    step = replace(step, origin="")
    if isinstance(step, Question):
        # Options beside a free answer are lines of the text.
        return replace(step, text=export.text_in_file(step), options=step.buttons, help="")
    return replace(step, text=export.text_in_file(step)) if isinstance(step, Message) else step


@each_flow
def test_a_person_who_follows_the_guide_builds_the_flow(platform, name):
    flow = flow_of(platform, name)
    page = guide.page(platform, name, URL)
    assert steps_of(page) == tuple(map(as_built, flow.steps))
    requests = [step for step in flow.steps if isinstance(step, Request)]
    headers = {"X-Webhook-Key": "{{CHAVE}}"}
    assert calls_of(page) == [("POST", f"{URL}/{platform}/{step.calls}", headers) for step in requests]


@each_flow
def test_a_guide_says_what_was_not_tried_and_what_to_put_in(platform, name):
    page = guide.page(platform, name, URL)
    assert "<strong>Não verificado:</strong>" in page
    assert PLATFORMS[platform].actions_note in page
    assert PLATFORMS[platform].test_channel in page
    assert "<script" not in page
    assert all(placeholder in page for placeholder in export.to_replace(flow_of(platform, name)))
    # Each of them is explained, and not only used.
    for about in export.to_replace(flow_of(platform, name)).values():
        assert about in page or about == "a chave da plataforma"


@each_flow
def test_the_picture_has_each_step_once_and_each_edge(platform, name):
    flow = flow_of(platform, name)
    pictures = [ElementTree.fromstring(picture) for picture in draw(flow)]
    texts = [text.text for picture in pictures for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    # A box's second line is the step's id; a long one is cut.
    ids = sorted(text for text in texts if text in {step.id for step in flow.steps})
    assert ids == sorted(step.id for step in flow.steps)
    lines = sum(1 for picture in pictures for _ in picture.iter("{http://www.w3.org/2000/svg}path"))
    written = sum(bool(re.match(r"→ \d", text)) for text in texts)
    assert lines + written == sum(len(step.edges) for step in flow.steps)


@each_flow
def test_only_the_loop_has_no_picture(platform, name):
    page = guide.page(platform, name, URL)
    pictures = draw(flow_of(platform, name))
    assert all((picture in page) is (name != export.LOOP) for picture in pictures)


def test_a_guide_escapes_what_it_shows(monkeypatch):
    mean = "<b>Olá</b> & {x}"
    steps = {
        "a": {"diga": mean, "depois": "b"},
        "b": {"espere": 3, "depois": "c"},
        "c": {"encerre": ""},
    }
    tables = {"titulo": mean, "para_que": mean, "versao": "1", "data": "2026-11-27", "passos": steps}
    odd = dialogue.read("odd", tables)
    monkeypatch.setattr(export, "dialogue_of", lambda *_: odd)
    page = guide.page("huggy", "odd", URL)
    assert "<b>Olá" not in page
    assert steps_of(page) == tuple(map(as_built, expand(odd).steps))


@pytest.mark.parametrize("platform", BY_HAND)
def test_the_loop_that_is_built_by_its_guide_books_a_port(make_app, tenant, sandbox, platform):
    client = make_app(replace(tenant, conversation="contratacao")).test_client()
    page = guide.page(platform, export.LOOP, URL)
    ((method, url, headers),) = calls_of(page)
    key = {name: value.replace("{{CHAVE}}", KEYS[platform][0]) for name, value in headers.items()}

    def send(_: Request, values: Mapping[str, str]) -> JsonReply:
        return client.open(url.removeprefix(URL), method=method, headers=key, json=dict(values)).get_json()

    loop = Flow(export.LOOP, "", steps_of(page))
    player = Player(loop, send, {"conversa_id": f"guide-{platform}"})
    before = set(sandbox.store["properties"])
    said = player.start()
    for answer in ("Rua Dona Marina, 552", "1", "quero reservar", "Maria Souza", "48 99988-7766"):
        said = player.answer(answer)
        while player.waits:
            said += player.go_on()
    assert isinstance(player.at, End)
    assert "O código da reserva é BOT-" in "".join(event.text for event in said)
    assert len(set(sandbox.store["properties"]) - before) == 1


def test_over_http(make_app):
    client = make_app(operator_key="operator-key", public_url=URL).test_client()
    key = {"X-Webhook-Key": "operator-key"}
    for name in ("contratacao", "conversa"):
        answer = client.get(f"/flows/fivehub/{name}.html", headers=key)
        assert (answer.mimetype, answer.text) == ("text/html", guide.page("fivehub", name, URL))
    for headers in ({}, {"X-Webhook-Key": "huggy-key-1"}):
        refused = client.get("/flows/fivehub/contratacao.html", headers=headers)
        assert (refused.status_code, refused.get_json()["codigo"]) == (401, "chave_invalida")
    nothing = client.get("/flows/fivehub/nada.html", headers=key)
    assert (nothing.status_code, nothing.get_json()["codigo"]) == (404, "nao_encontrado")
    off = make_app(public_url=URL).test_client().get("/flows/fivehub/contratacao.html", headers=key)
    assert off.status_code == 404
