"""That the measurements measure what they say, and go red when they should. They are run by `make bench`."""

import random
from importlib import import_module

import pytest

from bench import chats, outage, report, sales
from bench.__main__ import MEASUREMENTS
from bench.lattice import any_place
from bench.load import Answer
from bench.processes import Service, free_port, settings_for, upstream
from bench.report import Report, store
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


def answer(code, seconds=1.0, began=0.0):
    return Answer(began, seconds, 200, {"codigo": code})


@pytest.mark.parametrize(
    ("mode", "odd", "broken"),
    [
        ("radius", [], []),
        ("radius", [[answer("consultando")]], ["`viavel`, and nothing else: 1 `consultando`"]),
        ("pole", [[answer("consultando", 4.4), answer("viavel")]], []),
        ("pole", [[answer("viavel", 4.6)]], ["all within 4.5 s: 4.60 s"]),
        (
            "pole",
            [[answer("consultando"), answer("consultando"), answer("viavel")]],
            ["the true answer on the next call: 199 of them"],
        ),
        (
            "pole",
            [[answer("consultando"), Answer(0.0, 30.0, failure="no answer")]],
            [
                "`viavel` or `consultando`, and nothing else: 1 `no answer`",
                "the true answer on the next call: 199 of them",
            ],
        ),
    ],
)
def test_one_chat_of_200_breaks_a_bound(mode, odd, broken):
    found = Report()
    chats.judge(found, mode, [[answer("viavel")]] * (200 - len(odd)) + odd, memory=200.0, late=0.0)
    assert found.broken == [f"200 chats, {mode} mode: {bound}" for bound in broken]


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
        ("pole", [SOON] * 4, []),
        ("pole", [SOON] * 5, ["at least 80% `reservado` at once: 75%"]),
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
