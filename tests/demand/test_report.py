"""`python -m webhook demand`, from the store to what the operator opens."""

import csv
import json
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from html.parser import HTMLParser
from io import StringIO
from itertools import pairwise

import h3
import pytest
from sqlalchemy import insert, select

from sandbox import PLACES, demo, weeks
from schemas.funnel import FunnelStep
from tests.test_service import ROOT, environment
from webhook.__main__ import main
from webhook.process.worker import Worker
from webhook.settings import Settings
from webhook.store import Store, demand
from webhook.store.demand import Seen, Whose, day_of
from webhook.store.tables import demand_days, demand_open, outbox

NOW = datetime.now(UTC)
HOME = h3.latlng_to_cell(*PLACES["no_fibre_street"].point, 9)
AWAY = h3.latlng_to_cell(*PLACES["viable"].point, 9)
TENANTS = """
[isp.{name}]
ozmap_url = "http://{name}.example"
ozmap_token = "token-of-the-tests"
huggy_key = "key-of-{name}"
"""


@dataclass
class Command:
    """Its status, and what it wrote."""

    status: int
    out: str
    error: str


@pytest.fixture
def store(database_url):
    return Store(database_url)


@pytest.fixture
def webhook(database_url, monkeypatch, capsys):
    """Any command."""

    def webhook(*arguments, **variables):
        for name, value in environment("http://127.0.0.1:1", DATABASE_URL=database_url, **variables).items():
            monkeypatch.setenv(name, value)
        if "TENANTS_FILE" in variables:
            for name in ("OZMAP_URL", "OZMAP_TOKEN", "HUGGY_KEY", "FIVEHUB_KEY"):
                monkeypatch.delenv(name)
        monkeypatch.setattr(sys, "argv", ["webhook", *arguments])
        status = main()
        return Command(status, *capsys.readouterr())

    return webhook


@pytest.fixture
def run(webhook):
    return partial(webhook, "demand")


def save(store, conversations, seen, days_ago=0, tenant="isp"):
    day = (NOW - timedelta(days=days_ago)).date().isoformat()
    demand.save(store, {Whose(day, tenant, one): seen for one in conversations})


@pytest.fixture
def asked(store):
    """Of today, of last week, and of long ago."""
    no = Seen(HOME, "sem_viabilidade", "sem_caixa", frozenset({FunnelStep.PLACE}))
    save(store, "abcd", no)
    save(
        store,
        "ab",
        Seen(HOME, "sem_viabilidade", "distancia", frozenset({FunnelStep.PLACE, FunnelStep.PROSPECT})),
        7,
    )
    save(
        store,
        "xyz",
        Seen(AWAY, "viavel", "", frozenset({FunnelStep.PLACE, FunnelStep.VIABLE, FunnelStep.RESERVED})),
        7,
    )
    save(store, "abcdefgh", no, 40)
    demand.purge(store, NOW.timestamp())


def test_csv_has_a_line_for_each_cell_and_outcome(asked, run):
    rows = list(csv.DictReader(StringIO(run().out)))
    assert [(row["celula"], row["codigo"], row["motivo"], row["conversas"]) for row in rows] == [
        (HOME, "sem_viabilidade", "distancia", "2"),
        (HOME, "sem_viabilidade", "sem_caixa", "4"),
        (AWAY, "viavel", "", "3"),
    ]
    assert {row["isp"] for row in rows} == {"isp"}
    assert h3.latlng_to_cell(float(rows[0]["latitude"]), float(rows[0]["longitude"]), 9) == HOME


def test_since_counts_days_back_and_today_is_one_of_them(asked, run):
    assert [row["conversas"] for row in csv.DictReader(StringIO(run("--since", "1d").out))] == ["4"]
    total = sum(int(row["conversas"]) for row in csv.DictReader(StringIO(run("--since", "60d").out)))
    assert total == 17


@pytest.mark.parametrize("text", ["x", "0d", "-1d", "30", "1000d"])
def test_a_number_of_days_is_asked_for(run, text):
    with pytest.raises(SystemExit):
        run(f"--since={text}")


def test_geojson_has_closed_polygons_with_counts(asked, run, store):
    save(store, "x", Seen(h3.latlng_to_cell(-3.1, -60.0, 9), "viavel"))
    collection = json.loads(run("--format", "geojson").out)
    assert collection["type"] == "FeatureCollection"
    home, away, elsewhere = collection["features"]
    assert home["id"] == HOME
    properties = {name: home["properties"][name] for name in ("conversas", "sem_viabilidade", "motivo")}
    assert properties == {"conversas": 6, "sem_viabilidade": 6, "motivo": "sem_caixa"}
    assert (home["properties"]["sem_caixa"], home["properties"]["distancia"]) == (4, 2)
    assert away["properties"]["viavel"] == 3
    (ring,) = home["geometry"]["coordinates"]
    assert ring[0] == ring[-1]
    assert len(ring) == 7
    place = PLACES["no_fibre_street"].point
    assert min(lng for lng, _ in ring) < place.lng < max(lng for lng, _ in ring)
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
    assert area > 0, "counter-clockwise, as RFC 7946 wants it"
    assert elsewhere["geometry"] is None


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.loaded = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag in {"script", "img", "link", "iframe"}:
            self.loaded += [named[name] for name in ("src", "href") if name in named]


def test_html_is_one_file(asked, run, store, tmp_path):
    row = {
        "tenant": "isp", "line": "huggy:1", "kind": "reservation", "sale": 1, "promised": True,
        "since": NOW.timestamp() - 3 * 86400 - 60, "due_at": 0.0,
    }  # fmt: skip
    with store.write() as connection:
        connection.execute(insert(outbox).values(row))
    out = tmp_path / "demanda.html"
    done = run("--format", "html", "--out", str(out), NOME="<Fibra & Cia>")
    assert (done.status, done.out) == (0, "")
    page = out.read_text()
    assert Tags(page).loaded == []
    assert "&lt;Fibra &amp; Cia&gt;, de" in page
    assert "9 conversas" in page
    assert re.search(r"Reservas</th><td[^>]*>1</td><td>3 dias</td>", page)
    assert "sem caixa por perto: 4, caixa longe demais: 2" in page
    assert "(33%)" in page, "three of nine places"


def test_html_without_any_count_says_so(run):
    page = run("--format", "html").out
    assert "Ainda não há" in page
    assert "<script>" not in page


def test_html_is_about_one_isp(run, store, tmp_path):
    file = tmp_path / "tenants.toml"
    file.write_text("".join(TENANTS.format(name=name) for name in ("norte", "sul")))
    for tenant, conversations in (("norte", "abc"), ("sul", "abcd"), ("gone", "abc")):
        save(store, conversations, Seen(HOME, "viavel"), tenant=tenant)
    variables = {"TENANTS_FILE": str(file)}
    refused = run("--format", "html", **variables)
    assert refused.status == 1
    assert "norte, sul" in refused.error
    assert "3 conversas" in run("--format", "html", "--tenant", "norte", **variables).out
    rows = list(csv.DictReader(StringIO(run(**variables).out)))
    assert sorted((row["isp"], row["conversas"]) for row in rows) == [("norte", "3"), ("sul", "4")]
    assert run("--tenant", "west", **variables).status == 1


def test_a_file_that_cannot_be_written_is_one_line(run, tmp_path):
    done = run("--out", str(tmp_path / "no" / "x.csv"))
    assert done.status == 1
    assert done.error.count("\n") == 1


def test_the_hourly_purge_and_the_command_close_days(webhook, store, database_url, tenant):
    seen = Seen(HOME, "viavel", "", frozenset({FunnelStep.PLACE}))
    worker = Worker(Settings(tenants=(tenant,), styles={}, database_url=database_url))
    for purge in (worker._purge, lambda: webhook("purge")):
        save(store, "abc", seen, 3)
        purge()
        with store.read() as connection:
            assert connection.execute(select(demand_open)).all() == []
            assert connection.execute(select(demand_days)).all() == []
    (counted,) = demand.cells(store, day_of(0), ["isp"])
    assert counted.conversations == 6, "twice, since the first ones were closed"


def test_a_closed_day_leaves_no_digest_in_the_files(sqlite_url, tmp_path):
    store = Store(sqlite_url)
    save(store, "abc", Seen(HOME, "viavel"), 3)
    with store.read() as connection:
        digests = connection.execute(select(demand_open.c.digest)).scalars().all()
        salt = connection.execute(select(demand_days.c.salt)).scalar_one()

    def left():
        content = b"".join(path.read_bytes() for path in tmp_path.glob("webhook.db*"))
        return [one for one in [salt, *digests] if one.encode() in content]

    assert left() == [salt, *digests]
    demand.purge(store, NOW.timestamp())
    assert left() == []


def test_make_run_has_a_report(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    demo.report(demo.SETTINGS | {"PUBLIC_URL": "http://127.0.0.1:15000"})
    assert "Ver no mapa a célula 10" in demo.REPORT.read_text()


def test_the_demo_has_weeks_of_demand(sqlite_url, monkeypatch, capsys):
    store = Store(sqlite_url)
    weeks.fill(store.url.database, NOW.date())
    cells = demand.cells(store, day_of(0), [weeks.ISP])
    assert {one.reason for one in cells} == {"", "sem_poste", "sem_caixa", "sem_porta", "distancia"}
    counted = demand.steps(store, day_of(0), [weeks.ISP])
    assert counted[FunnelStep.PLACE] == sum(one.conversations for one in cells)
    assert counted[FunnelStep.PLACE] > counted[FunnelStep.VIABLE] > counted[FunnelStep.RESERVED] > 0
