"""`/healthz`, `/readyz` and `/metrics`: what the operator sees, and how little it costs to look."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from mmap import mmap
from threading import Barrier, Event
from time import monotonic

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sandbox import PLACES
from tests.conftest import KEYS
from tests.raw_server import ok, read_request
from webhook.process import stopping
from webhook.store import Store
from webhook.store.health import beat, leave
from webhook.web import readiness

KEY = "key-of-the-operator"
ONE_PROJECT = b'{"rows": [{"id": "5d9f3ff9200141000647f814"}], "total": 1}'


@pytest.fixture
def worker(sqlite_url):
    """A worker that is alive and works for all tenants of these tests."""
    beat(Store(sqlite_url), "worker", ["isp", *"abcd"])


@pytest.fixture
def look_always(monkeypatch):
    monkeypatch.setattr(readiness, "CACHED", 0.0)


@pytest.fixture(autouse=True)
def _nobody_stops(monkeypatch):
    monkeypatch.setattr(stopping, "_flag", mmap(-1, 1))


def ready(client):
    answer = client.get("/readyz")
    assert answer.content_type == "application/json"
    return answer.status_code, answer.get_json()


GOOD = {"ready": True, "stopping": False, "store": "ok", "worker": "ok", "ozmap_isp": "ok"}


def test_health_is_the_process_alone(make_app, sandbox):
    sandbox.faults.add("/", broken="reset")
    client = make_app(database_url="postgresql://postgres@127.0.0.1:1/none").test_client()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"ok": True})
    assert not sandbox.requests


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_other_methods(client, path):
    assert client.head(path).status_code in {200, 503}
    for method in ("POST", "OPTIONS"):
        answer = client.open(path, method=method)
        assert (answer.status_code, answer.get_json()["codigo"]) == (405, "nao_encontrado")


def test_ready(client, worker):
    assert ready(client) == (200, GOOD)


def test_not_without_a_worker(client, sqlite_url):
    assert ready(client) == (503, GOOD | {"ready": False, "worker": "none"})


def test_isps_that_no_worker_keeps_are_named_and_all_of_them_are_not_ready(make_app, tenant, sqlite_url):
    store = Store(sqlite_url)
    isps = [replace(tenant, slug=slug, keys={"huggy": (f"key-of-isp-{slug}",)}) for slug in ("a", "b", "c")]

    def told(*names: str) -> tuple[int, str, float]:
        beat(store, "worker", names)
        client = make_app(*isps, operator_key=KEY).test_client()
        status, words = ready(client)
        return status, words["worker"], scrape(client)["webhook_tenants_without_worker",]

    assert told("c", "b", "a") == (200, "ok", 0)
    assert told("b") == (200, "none for a, c", 2)
    assert told("another") == (503, "none", 3)


def test_a_restart_of_the_worker_is_told_as_no_worker(client, sqlite_url, worker, look_always):
    leave(Store(sqlite_url), "worker")
    assert ready(client) == (503, GOOD | {"ready": False, "worker": "none"})
    beat(Store(sqlite_url), "next", ["isp"])
    assert ready(client) == (200, GOOD)


def test_not_without_a_store_to_write_to(client, sqlite_url, worker):
    with Store(sqlite_url).write():
        told = ready(client)
    assert told == (503, GOOD | {"ready": False, "store": "not writable", "worker": "unknown"})


def test_not_once_it_was_told_to_stop(client, worker):
    assert ready(client) == (200, GOOD)
    stopping.begin()
    assert ready(client) == (503, GOOD | {"ready": False, "stopping": True})


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ({"status": 401}, "refused"),
        ({"status": 403}, "refused"),
        ({"status": 404}, "refused"),
        ({"status": 200, "body": {"rows": [], "total": 0}}, "no projects"),
    ],
)
def test_not_while_ozmap_wants_nothing_of_the_key(client, sandbox, worker, fault, word):
    sandbox.faults.add("/projects", **fault)
    assert ready(client) == (503, GOOD | {"ready": False, "ozmap_isp": word})


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 503},
        {"status": 429},
        {"status": 200, "body": "<html>", "content_type": "text/html"},
        {"status": 200, "body": "[]"},
        {"broken": "reset"},
        {"broken": "silent"},
        {"drip": 0.2},
    ],
    ids=str,
)
def test_an_ozmap_that_is_not_reached_is_unknown_and_no_reason_to_be_unready(client, sandbox, worker, fault):
    sandbox.faults.add("/projects", **fault)
    assert ready(client) == (200, GOOD | {"ozmap_isp": "unknown"})


def test_one_isp_of_two_is_enough(make_app, tenant, worker):
    wrong = replace(tenant, slug="b", ozmap_token="another", keys={"huggy": ("key-of-isp-b",)})
    client = make_app(tenant, wrong).test_client()
    assert ready(client) == (200, GOOD | {"ozmap_b": "refused"})
    both = make_app(replace(tenant, ozmap_token="another"), wrong).test_client()
    assert ready(both) == (503, GOOD | {"ready": False, "ozmap_isp": "refused", "ozmap_b": "refused"})
    unknown = replace(tenant, ozmap_url="http://127.0.0.1:1")
    client = make_app(unknown, wrong).test_client()
    assert ready(client) == (200, GOOD | {"ozmap_isp": "unknown", "ozmap_b": "refused"})


def test_isps_are_looked_at_side_by_side(make_app, tenant, worker, serve, monkeypatch):
    monkeypatch.setattr(readiness, "PATIENCE", 20.0)
    meeting = Barrier(4)  # passes only when all four are asked at once

    def handle(connection, _):
        read_request(connection)
        meeting.wait(10)
        connection.sendall(ok(ONE_PROJECT))

    tenants = [
        replace(tenant, slug=slug, ozmap_url=serve(handle).url, keys={"huggy": (f"key-of-isp-{slug}",)})
        for slug in "abcd"
    ]
    status, told = ready(make_app(*tenants).test_client())
    assert (status, [told[f"ozmap_{slug}"] for slug in "abcd"]) == (200, ["ok"] * 4)


def test_probes_do_not_become_ozmaps_load(client, sandbox, worker):
    assert [ready(client) for _ in range(5)] == [(200, GOOD)] * 5
    assert [request.path for request in sandbox.requests] == ["/projects"]


def test_what_changed_is_seen_when_it_is_looked_at_again(client, sandbox, worker, look_always):
    assert ready(client)[0] == 200
    sandbox.faults.add("/projects", status=401)
    assert ready(client)[0] == 503
    sandbox.faults.clear()
    assert ready(client)[0] == 200


@pytest.mark.usefixtures("worker", "look_always")
def test_an_ozmap_slower_than_a_probe_is_told_the_next_time_and_opens_no_breaker(
    make_app, tenant, serve, monkeypatch
):
    monkeypatch.setattr(readiness, "PATIENCE", 0.01)
    monkeypatch.setattr(readiness, "FRESH", 600.0)
    go_on = Event()
    asked = []

    def handle(connection, _):
        while read_request(connection):
            asked.append(1)
            go_on.wait(10)
            connection.sendall(ok(ONE_PROJECT))

    client = make_app(replace(tenant, ozmap_url=serve(handle).url), operator_key=KEY).test_client()
    before = scrape(client)
    assert [ready(client) for _ in range(8)] == [(200, GOOD | {"ozmap_isp": "unknown"})] * 8
    assert len(asked) <= 1
    go_on.set()
    deadline = monotonic() + 10
    while ready(client) != (200, GOOD):
        assert monotonic() < deadline
    opened = ("webhook_breaker_openings_total",)
    assert scrape(client)[opened] == before[opened]


@pytest.mark.usefixtures("worker", "look_always")
def test_what_was_heard_long_ago_is_not_told(make_app, tenant, sandbox, monkeypatch):
    client = make_app(tenant).test_client()
    assert ready(client) == (200, GOOD)
    monkeypatch.setattr(readiness, "PATIENCE", 0.01)
    sandbox.faults.add("/projects", broken="silent")
    assert ready(client) == (200, GOOD)
    monkeypatch.setattr(readiness, "FRESH", 0.0)
    assert ready(client) == (200, GOOD | {"ozmap_isp": "unknown"})


@pytest.mark.usefixtures("worker", "look_always")
def test_while_one_looks_the_others_hear_what_was_found_before(make_app, tenant, serve, monkeypatch):
    monkeypatch.setattr(readiness, "PATIENCE", 20.0)
    asked, go_on = Event(), Event()
    go_on.set()

    def handle(connection, _):
        while read_request(connection):
            asked.set()
            go_on.wait(10)
            connection.sendall(ok(ONE_PROJECT))

    server = serve(handle)
    app = make_app(replace(tenant, ozmap_url=server.url))
    assert ready(app.test_client()) == (200, GOOD)
    asked.clear()
    go_on.clear()
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(ready, app.test_client())
        assert asked.wait(10)
        assert ready(app.test_client()) == (200, GOOD)
        assert not looking.done()
        go_on.set()
        assert looking.result(10) == (200, GOOD)


def scrape(client, key: str = KEY) -> dict[tuple[str, ...], float]:
    """Name and label values, in the order of the labels' names, to the value."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_metrics_want_the_operators_key(make_app):
    client = make_app(operator_key=KEY).test_client()
    for key in ("", "wrong", KEYS["huggy"][0]):
        answer = client.get("/metrics", headers={"X-Webhook-Key": key})
        assert (answer.status_code, answer.get_json()["codigo"]) == (401, "chave_invalida")
    assert client.get("/metrics", headers={"X-Webhook-Key": KEY}).content_type.startswith("text/plain")
    answer = make_app().test_client().get("/metrics", headers={"X-Webhook-Key": KEY})
    assert (answer.status_code, answer.get_json()["codigo"]) == (404, "nao_encontrado")


def test_what_was_asked_is_counted(make_app, sandbox, worker):
    client = make_app(operator_key=KEY).test_client()
    before = scrape(client)
    point = PLACES["viable"].point
    headers = {"X-Webhook-Key": KEYS["fivehub"][0]}
    where = {"latitude": point.lat, "longitude": point.lng}
    client.post("/fivehub/viabilidade", json=where, headers=headers)
    sandbox.faults.add("/ftth-viability", status=301, headers={"Location": "http://127.0.0.1:1/"})
    client.post("/fivehub/viabilidade", json=where, headers=headers)
    client.post("/fivehub/viabilidade", json=where)
    client.get("/fivehub/Fulana%20Beltrana")
    client.post("/fivehub/consulta/Fulana", headers=headers)
    client.get("/Fulana")
    client.get("/l/Fulana")
    after = scrape(client)
    counted = {
        key: after[key] - before.get(key, 0)
        for key in after
        if key[0] in {"webhook_requests_total", "webhook_ozmap_call_seconds_count"}
        and after[key] != before.get(key, 0)
        and "projects" not in key  # of a /readyz that an earlier test did not wait for
    }
    requests, calls = "webhook_requests_total", "webhook_ozmap_call_seconds_count"
    assert counted == {
        (requests, "viabilidade", "viavel", "fivehub"): 1,
        (requests, "viabilidade", "ozmap_indisponivel", "fivehub"): 1,
        (requests, "viabilidade", "chave_invalida", "fivehub"): 1,
        (requests, "other", "nao_encontrado", "fivehub"): 1,
        (requests, "other", "consulta_desconhecida", "fivehub"): 1,
        (requests, "other", "nao_encontrado", "other"): 1,
        (requests, "other", "404", "other"): 1,
        (requests, "other", "200", "other"): 1,  # the scrape before
        (calls, "ftth-viability/radius", "ok"): 1,
        (calls, "ftth-viability/radius", "301"): 1,
    }
    timed = ("webhook_request_seconds_count", "viabilidade", "fivehub")
    assert after[timed] - before.get(timed, 0) == 3
    assert after["webhook_store_up",] == after["webhook_workers_alive",] == 1


def test_breakers_and_caches_are_counted(make_app, tenant, sandbox):
    client = make_app(tenant, operator_key=KEY).test_client()
    sandbox.faults.add("/ftth-viability", status=500)
    before = scrape(client)

    def ask(mode: str) -> None:
        point = PLACES["viable"].point
        where = {"latitude": point.lat, "longitude": point.lng, "modo": mode}
        client.post("/huggy/viabilidade", json=where, headers={"X-Webhook-Key": KEYS["huggy"][0]})

    def change(*key: str) -> float:
        return scrape(client)[key] - before.get(key, 0)

    ask("poste")
    ask("poste")
    assert change("webhook_cache_lookups_total", "topology", "miss") == 1
    assert change("webhook_cache_lookups_total", "topology", "hit") == 1
    for _ in range(6):
        ask("raio")
    assert change("webhook_breaker_openings_total") == 1
    assert change("webhook_breakers_open") == 1
    opened = ("webhook_ozmap_call_seconds_count", "ftth-viability/radius", "breaker open")
    assert change(*opened) == 1
    sandbox.faults.clear()


def test_what_is_owed_is_looked_up(make_app, sandbox, sqlite_url):
    client = make_app(operator_key=KEY, database_url=sqlite_url).test_client()
    beat(Store(sqlite_url), "worker", ["isp"])
    sandbox.faults.add("/", broken="reset")
    point = PLACES["viable"].point
    said = {"conversa_id": "c1", "nome": "Fulana", "telefone": "48 99988-7766"}
    said |= {"latitude": point.lat, "longitude": point.lng}
    client.post("/huggy/reserva", json=said, headers={"X-Webhook-Key": KEYS["huggy"][0]})
    seen = scrape(client)
    assert seen["webhook_outbox_rows", "reservation"] == 1
    assert seen["webhook_outbox_oldest_seconds", "reservation"] > 0
    assert seen["webhook_outbox_rows", "prospect"] == seen["webhook_outbox_given_up", "reservation"] == 0


def test_metrics_without_a_store(make_app):
    seen = scrape(
        make_app(operator_key=KEY, database_url="postgresql://postgres@127.0.0.1:1/x").test_client()
    )
    assert seen["webhook_store_up",] == 0
    assert not [key for key in seen if key[0].startswith("webhook_outbox")]
