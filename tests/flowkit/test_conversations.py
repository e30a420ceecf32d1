"""Written conversations, played against the service and its sandbox: over all of them every way is taken."""

import shutil
from pathlib import Path

import pytest

from flowkit import script
from tests.flows.world import World
from webhook.flows import bundle
from webhook.flows.play import Player

FLOWS = bundle.load().flows
HERE = Path(__file__).parent / "conversations"
SCRIPTS = sorted(HERE.rglob("*.txt"))


def flow_of(path: Path):
    platform, name = path.relative_to(HERE).parts[:2]
    return FLOWS[platform, name]


TAKEN: dict[Path, list[tuple[str, str]]] = {}
"""The ways that each script took: it always takes the same."""


@pytest.fixture
def play(make_app, tenant, sandbox, take_back, _migrated, tmp_path):
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
        world = World(flow.platform, make_app, tenant, sandbox, store)
        own = {name: f"{name}-1" for name in flow.given}
        player = Player(flow, world.call, own, pause=world.pause)
        for _ in script.run(script.read(path.read_text()), player, world.change, world.submit):
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


@pytest.mark.parametrize("flow", FLOWS.values(), ids=lambda flow: f"{flow.platform}/{flow.name}")
def test_a_lookup_is_asked_again_with_the_same_data(flow):
    lookups = {step.id: step for step in flow.steps if getattr(step, "url", "").endswith("/viabilidade")}
    for id_, step in lookups.items():
        assert step.body["conversa_id"] == "{conversa_id}"
        first = lookups[id_[:-1] + "1"]
        assert (step.body, step.captures) == (first.body, first.captures)


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
