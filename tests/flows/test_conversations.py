"""Written conversations, played against the service and its sandbox: over all of them every way is taken."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from sandbox.store import COLLECTIONS
from tests.conftest import KEYS
from webhook.flows import bundle, script
from webhook.flows.play import Player
from webhook.store import Store
from webhook.store.tables import links

FLOWS = bundle.load().flows
HERE = Path(__file__).parent / "conversations"
SCRIPTS = sorted(HERE.rglob("*.txt"))
OZMAP = [f"/{name}" for name in (*COLLECTIONS, "ftth-viability", "base-points", "authenticated")]
WORLDS = {
    "fora": (OZMAP, {"status": 503}),
    "lento": (OZMAP, {"delay": 5}),
    "recusa": (OZMAP, {"status": 403, "body": {"message": "Forbidden"}}),
    "sem mapa": (["/nominatim"], {"status": 503}),
}


def flow_of(path: Path):
    platform, name = path.relative_to(HERE).parts[:2]
    return FLOWS[platform, name]


TAKEN: dict[Path, list[tuple[str, str]]] = {}
"""The ways that each script took: it always takes the same."""


@pytest.fixture
def play(make_app, sandbox, take_back, _migrated, tmp_path):
    """Plays a script, in a sandbox and a store of its own; gives the ways that were taken."""

    def play(path: Path):
        if path not in TAKEN:
            store = shutil.copy(_migrated, tmp_path / "conversation.db")
            try:
                TAKEN[path] = _play(path, f"sqlite:///{store}")
            finally:
                sandbox.faults.clear()
                take_back()
        return TAKEN[path]

    def _play(path: Path, store: str):
        flow = flow_of(path)
        key = [KEYS[flow.platform][0]]
        # A short deadline where OZmap is slow, and elsewhere one that a slow machine keeps.
        app = [make_app(reply_deadline=30.0, database_url=store)]

        def call(sent):
            url = sent.url.removeprefix("{{PUBLIC_URL}}")
            headers = {name: value.replace("{{CHAVE}}", key[0]) for name, value in sent.headers.items()}
            client = app[0].test_client()
            return client.open(url, method=sent.method, headers=headers, json=dict(sent.body)).get_json()

        def world(name):
            sandbox.faults.clear()
            key[0] = "wrong" if name == "chave errada" else KEYS[flow.platform][0]
            if name == "lento":
                app[0] = make_app(reply_deadline=1.0, database_url=store)
            if name == "link vencido":
                with Store(store).write() as connection:
                    connection.execute(update(links).values(expires_at=1.0))
            paths, fault = WORLDS.get(name, ((), {}))
            for prefix in paths:
                sandbox.faults.add(prefix, **fault)

        def submit(url, form):
            assert app[0].test_client().post(urlsplit(url).path, data=form).status_code == 200

        player = Player(flow, call, {name: f"{name}-1" for name in flow.given})
        for _ in script.run(script.read(path.read_text()), player, world, submit):
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
    for text in ("chamada: reserva", "chamada: reserva [1]", "chamada: reserva {"):
        with pytest.raises(script.ScriptFailed, match="line 1: chamada must be an action and"):
            script.read(text)
    flow = FLOWS["huggy", "viabilidade"]
    for text, match in [
        ("bot: Tchau", "line 1: the bot did not say 'Tchau'"),
        ("fim: fim", "line 1: the flow is at pede_1"),
        ("variavel: x = 1", "line 1: x is ''"),
        ("cliente: atendente\ncliente: oi", "line 2: nothing was asked; the flow is at atendente"),
    ]:
        with pytest.raises(script.ScriptFailed, match=match):
            list(script.run(script.read(text), Player(flow, lambda _: None), None, None))
