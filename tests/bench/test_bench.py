"""That the measurements measure what they say, and go red when they should. They are run by `make bench`."""

import random
from importlib import import_module

import pytest
import requests

from bench import __main__ as bench
from bench import chats, conversation, outage, pole_lookup, report, sales
from bench.__main__ import MEASUREMENTS
from bench.lattice import any_place
from bench.load import Answer
from bench.processes import Service, free_port, settings_for, upstream
from bench.radius_lookup import relay_of
from bench.report import Report, spread, store
from sandbox import Sandbox, sample_network
from schemas.point import Point
from schemas.tenants import Tenant
from webhook.net.breaker import Breaker
from webhook.net.deadline import Deadline
from webhook.ozmap.api import Ozmap, OzmapAccount
from webhook.ozmap.client import OzmapClient
from webhook.viability.pole import by_pole
from webhook.viability.radius import by_radius


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_each_measurement_has_its_place_in_the_document(name):
    assert callable(import_module(f"bench.{name}").measure)
    text = report.DOCUMENT.read_text()
    assert text.count(f"<!-- bench {name} -->\n") == text.count(f"<!-- end of {name} -->\n") == 1


def test_tables_replace_those_of_the_run_before(tmp_path, monkeypatch, capsys):
    document = tmp_path / "performance.md"
    document.write_text("a\n<!-- bench x -->\nold\n<!-- end of x -->\nb\n")
    monkeypatch.setattr(report, "DOCUMENT", document)
    new = Report()
    new.table("n", "ms")
    new.row(1, "2.0")
    new.bound("less than 1", 2.0, False)
    new.close()
    store("x", new)
    table = "| n | ms |\n| --- | --- |\n| 1 | 2.0 |\n"
    bounds = "| asked | measured | holds |\n| --- | --- | --- |\n| less than 1 | 2.0 | **no** |\n"
    assert document.read_text() == f"a\n<!-- bench x -->\n{table}\n{bounds}<!-- end of x -->\nb\n"
    assert capsys.readouterr().out == f"{table}\n{bounds}"
    assert new.broken == ["less than 1: 2.0"]
    with pytest.raises(ValueError, match="lacks <!-- bench y -->"):
        store("y", new)


@pytest.mark.parametrize(("option", "size", "stored"), [([], 15, ["startup"]), (["--quick"], 3, [])])
def test_a_quick_one_is_small_and_stores_nothing(monkeypatch, capsys, option, size, stored):
    def measurement(report):
        report.line(f"{report.size(15, quick=3)} turns")

    names = []
    monkeypatch.setattr("sys.argv", ["bench", *option, "startup"])
    monkeypatch.setattr(bench, "store", lambda name, _: names.append(name))
    monkeypatch.setattr("bench.startup.measure", measurement)
    assert bench.main() == 0
    assert names == stored
    printed = capsys.readouterr().out
    assert f"`python -m bench {' '.join(['startup', *option])}`" in printed
    assert f"{size} turns" in printed


def test_a_figure_has_its_spread_over_the_turns():
    assert spread([1.02, 0.97, 1.08, 0.5, 3.0]) == "1.02 (0.97 to 1.08)"
    assert spread([250, 240], digits=0) == "245 (242 to 248)"
    assert spread(iter([0.5])) == "0.50"


def test_the_upstream_has_the_box_that_is_called_right():
    port = free_port()
    url = settings_for(port)["OZMAP_URL"]
    tenant = Tenant("isp", url, "t", {})
    account = OzmapAccount(OzmapClient(tenant, Breaker()))
    with upstream(port):
        for number in range(5):
            place = any_place(random.Random(number))
            point = Point(place.values["latitude"], place.values["longitude"])
            verdicts = [
                by_pole(Ozmap(account, Deadline(20)), point, tenant),
                by_radius(Ozmap(account, Deadline(20)), point, None, tenant),
            ]
            assert [verdict.box.name for verdict in verdicts] == [place.box] * 2


def test_the_relay_has_the_box_that_is_called_right():
    port, place = free_port(), any_place(random.Random(0))
    with upstream(port), relay_of(port) as (_, relay):
        said = requests.post(f"http://127.0.0.1:{relay}/relay", json=place.values, timeout=5).json()
    assert said == {"viavel": True, "caixa": place.box}


def test_a_recorded_lookup_can_be_done_again_without_ozmap():
    with Sandbox(token="t", network=sample_network()) as sandbox:
        lookup = pole_lookup.recorded(sandbox, 200)
    assert lookup.poles > 100
    assert lookup.reads[0] > lookup.reads[1] > 0
    assert lookup.own_ms(first=True) > 0
    assert lookup.own_ms(first=False) > 0


def answer(code, seconds=1.0, began=0.0):
    return Answer(began, seconds, 200, {"codigo": code})


LATE = answer("consultando")
TRUE = answer("viavel")


@pytest.mark.parametrize(
    ("rush", "odd", "took", "broken"),
    [
        (chats.OVER_TWO_MINUTES, [], 130, []),
        (chats.OVER_TWO_MINUTES, [[LATE, LATE, TRUE]], 130, []),
        (chats.OVER_TWO_MINUTES, [[LATE] * 3 + [TRUE]], 130, ["the true answer by call 3: 999 of them"]),
        (chats.RUSHES[0], [[answer("viavel", 4.6)]], 9, ["every reply within 4.5 s: 4.60 s"]),
        (
            chats.RUSHES[0],
            [[answer("ocupado")]],
            9,
            ["`viavel` or `consultando`, and nothing else: 1 `ocupado`"],
        ),
        (chats.AT_THE_SAME_TIME, [[LATE] * 9 + [TRUE]], 30, []),
        (
            chats.AT_THE_SAME_TIME,
            [],
            31,
            ["all have the true answer after at most 1.3 times what OZmap alone needs: 31 s, 23 s"],
        ),
    ],
)
def test_one_chat_breaks_a_bound(rush, odd, took, broken):
    found = Report()
    held = chats.Held(
        rush, [[TRUE]] * (rush.chats - len(odd)) + odd, took, late=0.0, reads=1000, memory=200.0
    )
    chats.judge(found, "pole", held)
    assert found.broken == [f"{rush.name}, pole mode: {bound}" for bound in broken]


def test_recovery_ends_with_the_last_answer_that_is_not_right():
    phase = outage.Phase("up again", 10.0, returned=True)
    codes = ["ozmap_indisponivel", "viavel", "consultando", "viavel"]
    heard = [answer(code, 0.5, began) for began, code in enumerate(codes, 10)]
    assert outage.recovery(phase, heard) == (1.5, 3.5)
    assert outage.recovery(phase, heard[:3]) == (1.5, None)


AT_ONCE = sales.Sale("reservado", "reservado", 3.0)
SOON = sales.Sale("reserva_pendente", "reserva_encontrada", 5.6)
LATE = sales.Sale("reserva_pendente", "reserva_encontrada", 6.1)
NEVER = sales.Sale("reserva_pendente", "reserva_pendente", 20.5)
REFUSED = sales.Sale("ozmap_recusou", "ozmap_recusou", 1.0)


@pytest.mark.parametrize(
    ("mode", "odd", "broken"),
    [
        ("radius", [SOON] * 2, []),
        ("radius", [SOON] * 3, ["at least 90% `reservado` at once: 85%"]),
        ("pole", [SOON] * 2, []),
        ("pole", [SOON] * 3, ["at least 90% `reservado` at once: 85%"]),
        ("pole", [LATE], ["all others reserved by `consulta` within 6 s: 1 `reserva_encontrada`"]),
        ("pole", [NEVER], ["all others reserved by `consulta` within 6 s: 1 `reserva_pendente`"]),
        ("radius", [REFUSED], ["all others reserved by `consulta` within 6 s: 1 `ozmap_recusou`"]),
    ],
)
def test_sales_of_20_that_break_a_bound(mode, odd, broken):
    found = Report()
    calls = [{"method": "GET"}] * 60 + [{"method": "POST"}] * 20
    sales.judge(found, mode, 20, [AT_ONCE] * (20 - len(odd)) + odd, calls)
    assert found.broken == [f"20 at a time, {mode} mode: {bound}" for bound in broken]
    assert found.lines[0].endswith("| 4.0 | 1.00 |")


def reply(action, seconds=0.01):
    return Answer(0.0, seconds, 200, {"codigo": "conversa_em_curso", "acao": action, "etapa": "etapab"})


@pytest.mark.parametrize(
    ("slow", "wrong", "broken"),
    [
        (4, [], []),
        (6, [], ["p95 of `conversa` at most 15 ms above `eco`'s: 40.0 ms"]),
        (0, [Answer(0.0, 0.01, failure="EOFError")], ["no errors: 1 `EOFError`"]),
    ],
)
def test_calls_of_conversa_that_break_a_bound(slow, wrong, broken):
    found = Report()
    calls = [reply("perguntar")] * (100 - slow - len(wrong)) + [reply("perguntar", 0.05)] * slow + wrong
    eco = [answer("eco", 0.01)] * 100
    alone = {"conversa": [], "eco": []}
    cpu_ms = {"conversa": [4.0], "eco": [2.0]}
    phases = conversation.Phases([{"conversa": calls, "eco": eco}], cpu_ms, alone, [0.001])
    conversation.judge(found, phases)
    assert found.broken == broken


def test_a_conversation_goes_on_with_the_etapa_of_each_reply():
    chat = conversation.Chat("c")
    for said in conversation.ANSWERS[:-1]:
        assert chat.values["resposta"] == said
        assert not chat.heard(reply("perguntar")).failure
        assert chat.values["etapa"] == "etapab"
    assert not chat.heard(reply("encerrar")).failure
    assert chat.values == {"conversa_id": "c-1", "fluxo": "contato", "resposta": None}
    assert chat.heard(reply("transferir")).failure == "not perguntar: conversa_em_curso"


def test_places_for_sales_have_ports_enough():
    most = sum(together * rounds for together, rounds in sales.ROUNDS.items())
    places = sales.places()
    assert len(set(places)) == sales.BOXES
    assert most <= sales.BOXES * sales.PORTS


def test_only_what_ends_with_these_last_words_is_started_again(tmp_path):
    service = Service(["python", "-c", "raise SystemExit('no connection')"], {}, tmp_path / "log")
    service.wait()
    service.check("no connection")
    assert service.restarts == 1
    service.wait()
    with pytest.raises(RuntimeError, match="no connection"):
        service.check("another reason")
