"""Written conversations, played against the service and its sandbox: over all of them every way is taken."""

from pathlib import Path

import pytest

from tests.conftest import KEYS
from webhook.flows import bundle, script
from webhook.flows.play import Player

FLOWS = bundle.load().flows
HERE = Path(__file__).parent / "conversations"
SCRIPTS = sorted(HERE.rglob("*.txt"))
WORLDS = {
    "fora": {"path": "/", "status": 503},
    "lento": {"path": "/", "delay": 5},
    "recusa": {"path": "/", "status": 403, "body": {"message": "Forbidden"}},
    "sem mapa": {"path": "/nominatim", "status": 503},
}


def flow_of(path: Path):
    platform, name = path.relative_to(HERE).parts[:2]
    return FLOWS[platform, name]


@pytest.fixture
def play(make_app, sandbox):
    """Plays a script; gives the ways that were taken."""

    def play(path: Path):
        flow = flow_of(path)
        client = make_app(reply_deadline=1.0).test_client()
        key = [KEYS[flow.platform][0]]

        def call(sent):
            url = sent.url.removeprefix("{{PUBLIC_URL}}")
            headers = {name: value.replace("{{CHAVE}}", key[0]) for name, value in sent.headers.items()}
            return client.open(url, method=sent.method, headers=headers, json=dict(sent.body)).get_json()

        def world(name):
            sandbox.faults.clear()
            key[0] = "wrong" if name == "chave errada" else KEYS[flow.platform][0]
            if name in WORLDS:
                sandbox.faults.add(**WORLDS[name])

        world("normal")
        player = Player(flow, call)
        for _ in script.run(script.read(path.read_text()), player, world):
            pass
        assert player.ended
        return player.taken

    return play


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(HERE)))
def test_conversation(play, path):
    play(path)


@pytest.mark.parametrize("flow", FLOWS.values(), ids=lambda flow: f"{flow.platform}/{flow.name}")
def test_every_way_of_every_flow_is_taken(play, flow):
    taken = {way for path in SCRIPTS if flow_of(path) is flow for way in play(path)}
    assert {(step.id, way) for step in flow.steps for way in step.edges} == taken


def test_a_script_that_does_not_fit_says_where():
    with pytest.raises(script.ScriptFailed, match="line 2: must begin with one of"):
        script.read("# oi\ncliente Rua X")
    with pytest.raises(script.ScriptFailed, match="line 1: mundo must be one of"):
        script.read("mundo: estranho")
    flow = FLOWS["huggy", "viabilidade"]
    for text, match in [
        ("bot: Tchau", "line 1: the bot did not say 'Tchau'"),
        ("fim: fim", "line 1: the flow is at pede_1"),
        ("variavel: x = 1", "line 1: x is ''"),
        ("cliente: atendente\ncliente: oi", "line 2: nothing was asked; the flow is at atendente"),
    ]:
        with pytest.raises(script.ScriptFailed, match=match):
            list(script.run(script.read(text), Player(flow, lambda _: None), lambda _: None))
