"""python -m webhook worker, pending, purge, forget: what an operator sees and does."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from time import monotonic

import pytest
from sqlalchemy import insert, select, update

from sandbox import PLACES, Sandbox, sample_network
from schemas.countries import COUNTRIES
from tests.conftest import KEYS
from tests.sales.shop import Shop
from tests.test_service import ROOT, environment
from webhook.__main__ import main
from webhook.cli import store as store_commands
from webhook.store import erase
from webhook.store.health import beat, has_keeper, leave, workers_alive
from webhook.store.tables import conversations, heartbeats, links, lookups, outbox, prospects, reservations


@pytest.fixture
def own_sandbox():
    with Sandbox(token="token-of-the-tests", network=sample_network()) as sandbox:
        yield sandbox


@pytest.fixture
def shop(own_sandbox, database_url) -> Shop:
    return Shop(own_sandbox, database_url)


@pytest.fixture
def run(shop, monkeypatch, capsys):
    """Runs a command on the shop's store: its status and what it printed."""

    def run(*arguments: str) -> tuple[int, str]:
        for name, value in environment(
            shop.sandbox.url, DATABASE_URL=str(shop.settings.database_url)
        ).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["webhook", *arguments])
        status = main()
        said = capsys.readouterr()
        return status, "".join(
            line for line in (said.out + said.err).splitlines(True) if '"time"' not in line
        )

    return run


def test_what_is_pending_and_trying_it_again(shop, run):
    assert run("pending") == (0, "0 pending, 0 of them given up\n")
    shop.sandbox.faults.add("/", broken="reset")
    shop.reserve()
    with shop.store.write() as connection:
        connection.execute(update(outbox).values(since=time.time() - 8 * 86400, due_at=0))
    shop.worker.deliver_one()
    status, said = run("pending")
    assert status == 0
    assert f"isp  reservation  {shop.own_code()}  gave up since 20" in said
    assert "1 pending, 1 of them given up" in said
    assert "Fulana" not in said
    assert not shop.worker.deliver_one()
    shop.sandbox.faults.clear()
    assert run("pending", "--retry") == (0, "1 will be tried again now\n")
    shop.restart()
    shop.work()
    assert run("pending")[1] == "0 pending, 0 of them given up\n"
    assert run("pending", "--retry", "99")[0] == 1
    assert shop.code("reserva/consulta") == "reserva_encontrada"


def test_purge_clears_what_is_personal_and_nothing_that_is_owed(shop, run):
    shop.reserve("stands")
    shop.reserve("over")
    shop.code("reserva/cancelamento", "over")
    shop.prospect("prospect")
    shop.ask("findme", "looks for a place")
    shop.sandbox.faults.add("/", broken="reset")
    shop.reserve("owed")
    with shop.store.write() as connection:
        for table in (reservations, prospects):
            connection.execute(update(table).values(changed_at=time.time() - 31 * 86400))
        connection.execute(update(links).values(expires_at=time.time() - 2 * 86400))
        ends = {"gone": time.time() - 1, "waits": time.time() + 60}
        connection.execute(
            insert(lookups), [{"key": key, "verdict": "{}", "expires_at": at} for key, at in ends.items()]
        )
    assert run("purge") == (0, "3 sales and 1 location links cleared\n")
    assert run("purge") == (0, "0 sales and 0 location links cleared\n")
    with shop.store.read() as connection:
        left = connection.execute(select(reservations.c.code, reservations.c.name, reservations.c.lat)).all()
        assert sorted(left) == [
            (shop.own_code("owed"), "Fulana Beltrana", PLACES["viable"].point.lat),
            (shop.own_code("stands"), None, None),
        ]
        assert not connection.execute(select(prospects)).all()
        assert connection.execute(select(lookups.c.key)).scalars().all() == ["waits"]
    shop.sandbox.faults.clear()
    shop.restart()
    assert shop.code("reserva/cancelamento", "stands") == "reserva_cancelada"


def test_purge_says_where_customers_left(shop, run):
    old = {"tenant": "isp", "changed_at": time.time() - 25 * 3600}
    with shop.store.write() as connection:
        at = {"conversation": "huggy:1", "flow": "contratacao", "step": "nome"}
        connection.execute(insert(conversations).values(old | at))
        connection.execute(insert(conversations).values(old | {"conversation": "fivehub:2"}))
    status, said = run("purge")
    assert status == 0
    assert sorted(said.splitlines()) == [
        "0 sales and 0 location links cleared",
        "fivehub: 1 conversation(s) given up",
        "huggy contratacao [nome]: 1 conversation(s) given up",
    ]


def test_forgetting_one_person(shop, run):
    shop.reserve("c1")
    shop.prospect("c1")
    shop.reserve("other", telefone="48 3333-4444")
    status, said = run("forget", "--telefone", "48 99988 7766")
    assert status == 0
    assert said.startswith("deleted here: 1 reservation(s), 1 prospect(s), 0 location link(s), 0 message(s)")
    assert shop.own_code() in said
    with shop.store.read() as connection:
        assert connection.execute(select(reservations.c.code)).scalars().all() == [shop.own_code("other")]
    assert run("forget", "--telefone", "x")[0] == 1


def test_forgetting_one_conversation(shop, run):
    shop.reserve("c1")
    shop.ask("findme", "c1")
    shop.reserve("other")
    status, said = run("forget", "--conversa", "c1", "--plataforma", "huggy")
    assert (status, said.splitlines()) == (0, [said.splitlines()[0]])
    assert said.startswith("deleted here: 0 reservation(s), 0 prospect(s), 0 location link(s)")
    status, said = run("forget", "--conversa", "c1")
    assert status == 0
    assert said.startswith("deleted here: 1 reservation(s), 0 prospect(s), 1 location link(s)")
    assert said.endswith(f"by code and delete them:\n  {shop.own_code()}\n")
    with shop.store.read() as connection:
        assert connection.execute(select(reservations.c.code)).scalars().all() == [shop.own_code("other")]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "whom? Give --telefone, --conversa or both"),
        (["--conversa", "1", "--isp", "x"], "--isp: no such ISP in the settings: x"),
        (["--telefone", "11 2345-6789"], "--telefone is a number of several countries"),
        (
            ["--conversa", "1"],
            "nothing deleted: several conversations have this id, choose one: "
            "--isp br --plataforma fivehub, --isp br --plataforma huggy\n",
        ),
    ],
)
def test_whom_to_forget_must_be_clear(shop, run, monkeypatch, arguments, complaint):
    shop.tenant = replace(shop.tenant, country=COUNTRIES["ar"])
    tenants = (shop.tenant, replace(shop.tenant, slug="br", country=COUNTRIES["br"]))
    monkeypatch.setattr(store_commands, "load", lambda: replace(shop.settings, tenants=tenants))
    with shop.store.write() as connection:
        for platform in ("huggy", "fivehub"):
            link = {"tenant": "br", "platform": platform, "conversation": "1", "expires_at": 0}
            connection.execute(insert(links).values(**link, token=platform))
    status, said = run("forget", *arguments)
    assert (status, said.count("\n")) == (1, 1)
    assert said.startswith(complaint)
    assert "isp br" not in said or said.endswith(
        ": --isp br --plataforma fivehub, --isp br --plataforma huggy\n"
    )


def test_copies_that_could_not_be_erased_are_said(shop, run, monkeypatch):
    monkeypatch.setattr(erase, "rewrite", lambda _: False)
    status, said = run("forget", "--telefone", "48 99988 7766")
    assert status == 1
    assert said.endswith("the database was busy, so its files still hold copies: run this again\n")


def test_the_worker_delivers_and_prints_nothing_personal(shop):
    shop.sandbox.faults.add("/", broken="reset")
    assert shop.reserve("Fulana-Beltrana")["codigo"] == "reserva_pendente"
    assert shop.prospect("c2")["codigo"] == "prospect_pendente"
    process = start_worker(shop)
    try:
        time.sleep(1.5)
        shop.sandbox.faults.clear()
        deadline = monotonic() + 60
        while run_out := _owed(shop):
            assert process.poll() is None
            assert monotonic() < deadline, run_out
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGTERM)
        printed = process.communicate(timeout=20)[0]
    assert process.returncode == 0
    assert '"result": "done"' in printed
    secrets = ["fulana", "beltrana", "99988", str(PLACES["viable"].point.lat), "token-of", *KEYS["huggy"]]
    assert not [secret for secret in secrets if secret in printed.lower()]
    assert len(shop.properties(shop.own_code("Fulana-Beltrana"))) == 1


def start_worker(shop) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "webhook", "worker"],
        cwd=ROOT,
        env=environment(shop.sandbox.url, DATABASE_URL=str(shop.settings.database_url)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize(("number", "left"), [(signal.SIGTERM, 0), (signal.SIGKILL, 1)])
def test_a_worker_is_seen_until_it_stops(shop, number, left):
    leave(shop.store, "worker of isp")  # the one that every shop has
    process = start_worker(shop)
    try:
        deadline = monotonic() + 30
        while not workers_alive(shop.store):
            assert process.poll() is None
            assert monotonic() < deadline
            time.sleep(0.1)
    finally:
        process.send_signal(number)
        process.communicate(timeout=20)
    assert workers_alive(shop.store) == left
    assert has_keeper(shop.store, "isp")


def _owed(shop) -> int:
    with shop.store.read() as connection:
        return len(connection.execute(select(outbox)).all())


def test_a_worker_that_cannot_start_says_why(tmp_path):
    (tmp_path / "file").write_text("")
    stopped = subprocess.run(
        [sys.executable, "-m", "webhook", "worker"],
        cwd=ROOT,
        env=environment("http://127.0.0.1:1", DATABASE_URL=f"sqlite:///{tmp_path}/file/x.db"),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (stopped.returncode, stopped.stderr.count("\n")) == (1, 1)
    assert stopped.stderr.startswith("DATABASE_URL cannot be opened")
    assert os.listdir(tmp_path) == ["file"]


def test_a_worker_does_not_start_beside_one_of_another_version(shop, run, monkeypatch):
    monkeypatch.setattr("webhook.cli.worker.Worker", None)
    beat(shop.store, "old", ["isp"])
    with shop.store.write() as connection:
        connection.execute(update(heartbeats).values(version=""))
    status, said = run("worker")
    assert (status, said.count("\n")) == (1, 1)
    assert said.startswith("a worker of another version uses this database: stop it and the web")
