"""Written conversations, played against the service and its sandbox. Together they take every edge."""

import shutil
from pathlib import Path

import pytest

from flowkit import script
from tests.flowkit.scenario import Scenarios
from webhook.flows import loading
from webhook.flows.play import Player

FLOWS = loading.load().flows
HERE = Path(__file__).parent / "conversations"
SCRIPTS = sorted(HERE.rglob("*.txt"))


def flow_of(path: Path):
    platform, name = path.relative_to(HERE).parts[:2]
    return FLOWS[platform, name]


TAKEN: dict[Path, list[tuple[str, str]]] = {}
"""The edges that each script took: it always takes the same."""


@pytest.fixture
def play(make_app, tenant, sandbox, take_back, _migrated, tmp_path):
    """Plays a script, in a sandbox and a store of its own; gives the edges that it took."""

    def play(path: Path):
        if path not in TAKEN:
            # A new file for each: SQLite would replay the log of the database that it replaces.
            store = shutil.copy(_migrated, tmp_path / f"{path.stem}.db")
            try:
                TAKEN[path] = _play(path, f"sqlite:///{store}")
            finally:
                sandbox.faults.clear()
                take_back()
        return TAKEN[path]

    def _play(path: Path, store: str):
        flow = flow_of(path)
        scenarios = Scenarios(flow.platform, make_app, tenant, sandbox, store)
        own = {name: f"{name}-1" for name in flow.platform_variables}
        player = Player(flow, scenarios.send, own, pause=scenarios.pause)
        for _ in script.run(script.read(path.read_text()), player, scenarios.change, scenarios.submit):
            pass
        assert player.ended
        return player.taken

    return play


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(HERE)))
def test_conversation(play, path):
    play(path)


@pytest.mark.parametrize("flow", FLOWS.values(), ids=lambda flow: f"{flow.platform}/{flow.name}")
def test_every_edge_of_every_flow_is_taken(play, flow):
    taken = {edge for path in SCRIPTS if flow_of(path) is flow for edge in play(path)}
    assert {(step.id, label) for step in flow.steps for label in step.edges} == taken


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
