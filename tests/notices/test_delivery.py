"""A chat is told once, whatever Huggy does and whenever the worker dies."""

import json
import sys
import time
from contextlib import suppress
from dataclasses import replace
from threading import Thread
from typing import ClassVar

import pytest
from sqlalchemy import update

from sandbox import Sandbox, sample_network
from sandbox.huggy import TOKEN, Told
from tests.notices.conftest import CHATS
from webhook.__main__ import main
from webhook.notices import delivery
from webhook.notices.delivery import GIVE_UP_AFTER
from webhook.notices.notify import notify
from webhook.platforms import PLATFORMS
from webhook.platforms.base import Notifier, NotifyError
from webhook.sales.retention import purge
from webhook.store import StoreUnavailable
from webhook.store.tables import notices, outbox

MESSAGE, FLOW = Told("55", text="Recebi o lugar."), Told("55", flow=7)
LOST = [
    {"broken": "reset"},
    {"broken": "reset", "when": "after"},
    {"status": 504},
    {"status": 504, "when": "after"},
]
NOT_DONE = [{"status": 429}, {"status": 500}]


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours handles it."""


def die(*_, **__):
    raise Killed


def test_the_message_and_then_the_flow_once(office):
    office.notify()
    office.tell()
    assert office.told == [MESSAGE, FLOW]
    assert office.left() == []


def test_without_a_continuation_flow_the_message_alone(open_office):
    office = open_office(huggy_flow=None)
    office.notify()
    office.tell()
    assert office.told == [MESSAGE]


def test_a_notice_that_ends_the_matter_starts_no_flow(office):
    office.notify(goes_on=False)
    office.tell()
    assert office.told == [MESSAGE]


@pytest.mark.parametrize("conversation", [None, "fivehub:55", "55", "BOT-huggy-55"])
def test_nothing_for_what_is_no_chat_of_huggy(office, conversation):
    with office.store.write() as connection:
        notify(connection, office.tenant, conversation, "oi")
    assert office.left() == []


def test_nothing_without_a_token(open_office):
    office = open_office(huggy_api_token=None, huggy_flow=None)
    office.notify()
    assert office.left() == []


@pytest.mark.parametrize("fault", NOT_DONE, ids=str)
def test_what_was_not_done_is_done_later(office, fault):
    office.sandbox.faults.add(CHATS, times=2, **fault)
    office.sandbox.faults.add(f"{CHATS}/55/flow", times=1, **fault)
    office.notify()
    assert office.tell_once()
    assert office.left() == [("waiting", "waiting", f"message: {fault['status']}")]
    office.tell()
    assert office.told == [MESSAGE, FLOW]
    assert office.left() == []


@pytest.mark.parametrize("fault", LOST, ids=str)
def test_a_message_of_unknown_fate_is_not_repeated_and_the_flow_goes_on(office, fault, capsys):
    office.sandbox.faults.add(f"{CHATS}/55/messages", times=1, **fault)
    office.notify()
    office.tell()
    assert office.told == ([MESSAGE, FLOW] if fault.get("when") else [FLOW])
    assert [one.path for one in office.sandbox.requests] == [f"{CHATS}/55/messages", f"{CHATS}/55/flow"]
    assert office.left() == []
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert line["result"] == "fate unknown"


@pytest.mark.parametrize("fault", LOST[:2], ids=str)
def test_a_flow_start_of_unknown_fate_is_not_repeated(office, fault):
    office.sandbox.faults.add(f"{CHATS}/55/flow", times=1, **fault)
    office.notify()
    office.tell()
    assert office.told == ([MESSAGE, FLOW] if fault.get("when") else [MESSAGE])
    assert office.left() == []


def test_an_answer_that_does_not_come_is_of_unknown_fate(office, monkeypatch):
    monkeypatch.setattr(delivery, "PATIENCE", 0.3)
    office.sandbox.faults.add(f"{CHATS}/55/messages", times=1, broken="silent", when="after")
    office.notify()
    office.tell()
    assert office.told == [MESSAGE, FLOW]


@pytest.mark.parametrize("what", ["message", "start_flow"])
def test_a_worker_killed_before_a_call_goes_out_repeats_nothing(office, monkeypatch, what):
    office.notify()
    with monkeypatch.context() as patch:
        patch.setattr(f"webhook.platforms.huggy.notifier.HuggyNotifier.{what}", die)
        with pytest.raises(Killed):
            office.worker.tell_one()
    office.tell()
    assert office.told == ([FLOW] if what == "message" else [MESSAGE])
    assert office.left() == []


def test_a_worker_killed_between_message_and_flow_goes_on_with_the_flow(office, monkeypatch):
    office.notify()
    save = delivery.Lease.save

    def die_before_the_flow(lease, changes):
        if changes == {"flow": "going"}:
            raise Killed
        save(lease, changes)

    with monkeypatch.context() as patch:
        patch.setattr(delivery.Lease, "save", die_before_the_flow)
        with pytest.raises(Killed):
            office.worker.tell_one()
    assert office.left() == [("done", "waiting", None)]
    assert not office.worker.tell_one(), "the dead worker's lease must run out first"
    office.tell()
    assert office.told == [MESSAGE, FLOW]


@pytest.mark.parametrize("moment", [{"message": "done"}, {"flow": "done"}], ids=str)
def test_a_worker_killed_before_it_could_note_the_answer_repeats_nothing(office, monkeypatch, moment):
    office.notify()
    save = delivery.Lease.save
    with monkeypatch.context() as patch:
        patch.setattr(
            delivery.Lease,
            "save",
            lambda lease, changes: die() if changes == moment else save(lease, changes),
        )
        with pytest.raises(Killed):
            office.worker.tell_one()
    office.tell()
    assert office.told == [MESSAGE, FLOW]
    assert office.left() == []


def test_many_workers_tell_each_chat_once(office):
    chats = [str(number) for number in range(12)]
    for chat in chats:
        office.notify(chat=chat)
    for _ in range(3):
        office.restart()

    def tell(worker) -> None:
        for _ in chats:
            with suppress(StoreUnavailable):  # the worker tries again later
                worker.tell_one()

    threads = [Thread(target=tell, args=[worker]) for worker in office.workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    office.tell()
    expected = [Told(chat, text=MESSAGE.text) for chat in chats] + [Told(chat, flow=7) for chat in chats]
    assert sorted(map(repr, office.told)) == sorted(map(repr, expected))


def test_a_chat_hears_its_notices_in_their_order(office):
    office.sandbox.faults.add(CHATS, times=1, status=503)
    for text in ("um", "dois", "três"):
        office.notify(text, goes_on=False)
    assert office.tell_once()
    office.tell()
    assert [one.text for one in office.told] == ["um", "dois", "três"]


def test_a_refused_token_gives_up_and_a_new_one_is_tried_on_demand(office, capsys, monkeypatch):
    def run(*command: str) -> int:
        monkeypatch.setattr(sys, "argv", ["webhook", *command])
        return main()

    office.restart(huggy_api_token="expired-token")
    office.notify()
    office.tell()
    assert office.told == []
    assert office.left() == [("waiting", "waiting", "message: 401")]
    assert len(office.sandbox.requests) == 1

    for name, value in {
        "OZMAP_URL": office.sandbox.url,
        "OZMAP_TOKEN": "x",
        "HUGGY_KEY": "huggy-key-1",
        "DATABASE_URL": office.settings.database_url,
    }.items():
        monkeypatch.setenv(name, value)
    capsys.readouterr()
    assert run("pending") == 0
    listed = capsys.readouterr().out
    assert "isp  notice  huggy:55  gave up since" in listed
    assert "message: 401\n1 pending, 1 of them given up" in listed
    assert "Recebi" not in listed
    assert run("pending", "--retry") == 0
    office.restart()
    office.tell()
    assert office.told == [MESSAGE, FLOW]


def test_a_wrong_flow_is_mended_without_a_second_message(office):
    office.sandbox.faults.add(f"{CHATS}/55/flow", times=1, status=404)
    office.notify()
    office.tell()
    assert office.left() == [("done", "waiting", "flow: 404")]
    with office.store.write() as connection:
        connection.execute(update(outbox).values(gave_up_at=None))
    office.restart(huggy_flow=8)
    office.tell()
    assert office.told == [MESSAGE, Told("55", flow=8)]


def test_a_token_taken_away_leaves_the_notice_to_the_operator(office):
    office.notify()
    office.restart(huggy_api_token=None)
    office.tell()
    assert office.left() == [("waiting", "waiting", "HUGGY_API_TOKEN is not set")]


def test_after_a_day_nobody_is_told(office):
    office.sandbox.faults.add(CHATS, status=503)
    office.notify()
    assert office.tell_once()
    with office.store.write() as connection:
        connection.execute(update(outbox).values(since=time.time() - GIVE_UP_AFTER - 1))
    assert office.tell_once()
    assert not office.tell_once()
    assert office.left() == [("waiting", "waiting", "message: 503")]


def test_huggy_is_left_alone_for_as_long_as_it_asks(office):
    office.sandbox.faults.add(CHATS, times=1, status=429, headers={"Retry-After": "1800"})
    office.notify()
    before = time.time()
    assert office.worker.tell_one()
    with office.store.read() as connection:
        due_at = connection.execute(outbox.select()).one().due_at
    assert before + 1800 <= due_at <= time.time() + 1800


def test_a_hanging_huggy_does_not_hold_up_the_sales(open_office, monkeypatch):
    """The worker as it runs: every teller waits for Huggy, and a promised reservation is made."""
    from webhook.process import worker as module

    monkeypatch.setattr(module, "LOOK_EVERY", 0.02)
    with Sandbox(network=sample_network()) as sandbox:
        office = open_office(sandbox)
        for chat in range(module.TELLERS + 2):
            office.notify(chat=str(chat))
        assert office.promise("reserva", chat="66") == "reserva_pendente"
        office.pass_time()
        sandbox.faults.add(CHATS, broken="silent")
        runs = Thread(target=office.worker.run)
        runs.start()
        end = time.monotonic() + 20
        while (code := office.ask("reserva/consulta", chat="66")) == "reserva_pendente":
            assert time.monotonic() < end
            time.sleep(0.02)
        office.worker.stop()
    runs.join()
    assert code == "reserva_encontrada"


@pytest.mark.parametrize("fault", [None, {"status": 500}, {"status": 401}, {"broken": "reset"}], ids=str)
def test_nothing_personal_or_secret_in_a_log(office, fault, capsys):
    if fault:
        office.sandbox.faults.add(CHATS, times=1, **fault)
    office.notify("Pronto, Fulana da Rua Dona Marina!", chat="987654")
    office.tell()
    lines = capsys.readouterr().out
    for secret in ("Fulana", "Marina", "987654", TOKEN):
        assert secret not in lines
    first = json.loads(lines.splitlines()[0])
    first.pop("time"), first.pop("ms"), first.pop("outbox")
    failed = {"status": fault and fault.get("status"), "broken": "connection broken"}
    reason = fault and (fault.get("status") or failed["broken"])
    expected = {"event": "notice", "tenant": "isp", "kind": "notice", "attempt": 1}
    results = {None: "told", "500": "later", "401": "gave up", "connection broken": "fate unknown"}
    expected["result"] = results[reason and str(reason)]
    if reason:
        expected["huggy_failed"] = [f"message: {reason}"]
    assert first == expected


def test_any_platform_with_a_notifier_is_told(open_office, monkeypatch, capsys):
    class Slow(Notifier):
        setting = "FIVEHUB_TOKEN"
        has_flow = True
        calls: ClassVar = []

        @staticmethod
        def is_set_up(tenant):
            return True

        @classmethod
        def of(cls, tenant, settings):
            return cls()

        def message(self, chat, text, deadline):
            self.calls.append((chat, text))

        def start_flow(self, chat, deadline):
            self.calls.append(chat)
            if len(self.calls) == 2:
                raise NotifyError("busy")

    platform = replace(PLATFORMS["fivehub"], notifier=Slow)
    monkeypatch.setitem(PLATFORMS, "fivehub", platform)
    office = open_office()
    with office.store.write() as connection:
        notify(connection, office.tenant, "fivehub:a:b", "oi")
    office.tell()
    assert Slow.calls == [("a:b", "oi"), "a:b", "a:b"]
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["result"], first["fivehub_failed"]) == ("later", ["flow: busy"])
    assert (second["result"], "fivehub_failed" in second) == ("told", False)
    assert office.told == []


def test_given_up_notices_leave_with_the_retention(office):
    office.sandbox.faults.add(CHATS, status=401)
    office.notify()
    office.notify(chat="56")
    assert office.tell_once()
    long_after = time.time() + office.tenant.retention_d * 86400 + 60
    purge(office.store, [office.tenant], time.time())
    assert len(office.left()) == 2
    purge(office.store, [office.tenant], long_after)
    assert len(office.left()) == 1, "what is still owed stays"
    with office.store.read() as connection:
        assert connection.execute(notices.select()).one().conversation == "huggy:56"
