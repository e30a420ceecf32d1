"""Each fault as it looks on the wire, and the server itself."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import asdict

import pytest
import requests

from sandbox import PLACES, Fault, Received, Sandbox
from sandbox.faults import Faults

POINT = PLACES["viable"].point
TAGS = "GET /api/v2/tags?limit=1&select=name HTTP/1.1"


def connect(sandbox):
    port = int(sandbox.url.rpartition(":")[2])
    return closing(socket.create_connection(("127.0.0.1", port), timeout=5))


def say(wire, line, body=b"", key="a key"):
    head = f"{line}\r\nHost: x\r\nAuthorization: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    wire.sendall(head.encode() + body)


def raw(sandbox, line=TAGS, body=b""):
    """All that comes until the other side ends the connection, headers and body."""
    with connect(sandbox) as wire:
        say(wire, line, body)
        received = b""
        while data := wire.recv(65536):
            received += data
    head, _, rest = received.partition(b"\r\n\r\n")
    return head.decode(), rest


def length_of(head):
    return int(head.lower().split("content-length: ")[1].split("\r\n")[0])


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({"body": {"message": "no"}}, ("application/json", b'{"message": "no"}')),
        ({"body": '"no"', "content_type": "application/json"}, ("application/json", b'"no"')),
        ({"body": "no"}, ("text/plain; charset=utf-8", b"no")),
        ({"body": "<p>no", "content_type": "text/html"}, ("text/html", b"<p>no")),
        ({}, ("application/json", b"")),
    ],
)
def test_a_status_with_any_body(ozmap, sandbox, when, fields, sent):
    sandbox.faults.add("/prospects", status=503, when=when, headers={"Retry-After": "7"}, **fields)
    answer = ozmap.post("/prospects", {"name": "Ana"})
    assert (answer.headers["Content-Type"], answer.content) == sent
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "7"
    assert len(sandbox.store["prospects"]) == (1 if when == "after" else 0)


def test_a_fault_hits_its_path_its_method_and_its_times(ozmap, sandbox):
    sandbox.faults.add("/tags", method="GET", times=2, status=500)
    tag = {"name": "x", "allowedTypes": ["box"]}
    statuses = [ozmap.call("GET", "/projects"), ozmap.post("/tags", tag)]
    statuses += [ozmap.call("GET", "/tags") for _ in range(3)]
    assert [one.status_code for one in statuses] == [200, 201, 500, 500, 200]


def test_garbage_with_200(ozmap, sandbox):
    sandbox.faults.add("/tags", status=200, body="<html>", content_type="application/json")
    with pytest.raises(requests.JSONDecodeError):
        ozmap.call("GET", "/tags").json()


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_delay_before_or_after_the_work(ozmap, sandbox, when, made):
    sandbox.faults.add("/prospects", delay=30, when=when)
    with pytest.raises(requests.ReadTimeout):
        ozmap.session.post(f"{ozmap.base}/prospects", json={"name": "Ana"}, timeout=0.1)
    assert len(sandbox.store["prospects"]) == made
    assert list(sandbox.requests) == [Received("POST", "/prospects", {}, None)]


def test_cut_body(sandbox):
    sandbox.faults.add("/tags", broken="cut")
    head, body = raw(sandbox)
    assert 0 < len(body) == length_of(head) // 2
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_half_a_json_of_the_right_length(sandbox):
    sandbox.faults.add("/tags", broken="half")
    with connect(sandbox) as wire:
        say(wire, TAGS)
        head, _, body = wire.recv(65536).partition(b"\r\n\r\n")
    assert length_of(head.decode()) == len(body)
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


@pytest.mark.parametrize(("part", "has_head"), [("headers", False), ("body", True)])
def test_dripping(sandbox, part, has_head):
    sandbox.faults.add("/tags", drip=5, drip_part=part)
    with connect(sandbox) as wire:
        say(wire, TAGS)
        first = wire.recv(65536)
    assert (b"\r\n\r\n" in first) is has_head
    assert len(first.partition(b"\r\n\r\n")[2 if has_head else 0]) <= 1


@pytest.mark.parametrize("status", [204, 301, 429, 599])
def test_any_status(ozmap, sandbox, status):
    sandbox.faults.add("/tags", status=status, body="x", times=1)
    answer = ozmap.call("GET", "/tags")
    assert (answer.status_code, answer.text) == (status, "" if status == 204 else "x")
    assert ozmap.call("GET", "/tags").status_code == 200


def test_dripping_ends_with_the_whole_answer(ozmap, sandbox):
    expected = ozmap.call("GET", "/authenticated").content
    for part in ("headers", "body"):
        sandbox.faults.add("/authenticated", drip=0.0001, drip_part=part, times=1)
        assert ozmap.call("GET", "/authenticated").content == expected


def test_saying_nothing(sandbox):
    sandbox.faults.add("/tags", broken="silent")
    with connect(sandbox) as wire:
        say(wire, TAGS)
        wire.settimeout(0.15)
        with pytest.raises(TimeoutError):
            wire.recv(1)
    assert sandbox.requests[0].status is None


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_reset_before_or_after_the_work(sandbox, when, made):
    sandbox.faults.add("/prospects", broken="reset", when=when)
    with pytest.raises(ConnectionResetError):
        raw(sandbox, "POST /api/v2/prospects HTTP/1.1", b'{"name":"Ana"}')
    assert len(sandbox.store["prospects"]) == made


def test_faults_over_http(sandbox):
    def call(method, path, **options):
        return requests.request(method, sandbox.url + path, timeout=5, **options)

    fault = {"path": "/tags", "status": 502, "body": "bad gateway", "times": 3}
    made = call("POST", "/faults", json=fault)
    assert made.status_code == 201
    assert made.json().items() >= fault.items()
    assert call("GET", "/faults").json() == [made.json()]
    assert call("GET", "/api/v2/tags?limit=3").status_code == 502
    (seen,) = call("GET", "/requests").json()
    assert seen.pop("began") <= seen.pop("ended")
    hit_by = {**made.json(), "times": 3}
    assert seen == {
        "method": "GET", "path": "/tags", "query": {"limit": "3"}, "status": 502, "body": "", "fault": hit_by,
    }  # fmt: skip
    assert call("DELETE", "/faults").status_code == 204
    assert call("DELETE", "/requests").status_code == 204
    assert (list(sandbox.requests), call("GET", "/faults").json()) == ([], [])
    for wrong in ({}, {"path": "/x", "colour": 1}, {"path": "/x", "broken": "so"}, {"path": 7}, []):
        assert call("POST", "/faults", json=wrong).status_code == 422


@pytest.mark.parametrize(
    "wrong", [{"when": "never"}, {"drip_part": "feet"}, {"delay": -1}, {"share": 0}, {"share": 1.1}]
)
def test_a_fault_that_means_nothing(wrong):
    with pytest.raises(ValueError, match=r"seconds from 0|is none of|at most 1"):
        Fault("/x", **wrong)


def drawn(seed, calls=4000):
    """What the calls are hit by, of faults on a quarter of them: a status each."""
    faults = Faults()
    faults.reseed(seed)
    for status in (500, 502, 503):
        faults.add("/boxes", status=status, share=1 / 12)
    taken = [faults.take("GET", "/boxes") for _ in range(calls)]
    return [fault and fault.status for fault in taken]


def test_shares_add_up_and_are_drawn_by_the_seed():
    statuses = Counter(drawn(seed=7))
    assert statuses.keys() == {None, 500, 502, 503}
    assert all(280 < statuses[status] < 390 for status in (500, 502, 503))
    assert drawn(seed=7) == drawn(seed=7) != drawn(seed=8)


def test_a_share_leaves_the_rest_to_later_faults():
    faults = Faults()
    faults.add("/tags", method="POST", status=500)
    faults.add("/", status=502, share=0.5)
    faults.add("/", status=503, times=10)
    statuses = Counter(fault and fault.status for fault in (faults.take("GET", "/tags") for _ in range(100)))
    assert statuses[503] == 10
    assert 30 < statuses[502] < 70
    assert len(faults.as_json()) == 2


def test_a_slow_write_lands_after_its_caller_gave_up(ozmap, sandbox):
    sandbox.faults.add("/prospects", delay=0.2, times=1)
    with pytest.raises(requests.ReadTimeout):
        ozmap.session.post(f"{ozmap.base}/prospects", json={"name": "Ana"}, timeout=0.05)
    assert ozmap.get("/prospects")["rows"] == []
    while not sandbox.store["prospects"]:
        time.sleep(0.01)
    assert [one["name"] for one in ozmap.get("/prospects")["rows"]] == ["Ana"]


def test_behaviour_over_http(sandbox):
    def call(method, **options):
        return requests.request(method, f"{sandbox.url}/behaviour", timeout=5, **options)

    wanted = {"duplicate_codes": True, "radius_m": 120, "radius_boxes": 3}
    changed = call("PATCH", json=wanted)
    assert changed.status_code == 200
    assert changed.json().items() >= wanted.items()
    assert call("GET").json() == changed.json() == json.loads(json.dumps(asdict(sandbox.behaviour)))
    assert call("PATCH", json={"radius_boxes": None}).json()["radius_boxes"] is None
    before = asdict(sandbox.behaviour)
    for wrong in (
        {"colour": 1},
        {"older_lists": 1},
        {"older_lists": True, "page_size": "10"},
        {"radius_m": -1},
        {"radius_m": None},
        {"radius_m": True},
        {"page_size": 2.5},
        {"none_spelled": "nothing"},
        {"boxes_that_refuse": "CTO 04-04"},
        {"post_seconds": [1, -1]},
        {"properties_refused": None},
        [],
    ):
        assert call("PATCH", json=wrong).status_code == 422
    assert asdict(sandbox.behaviour) == before


@pytest.mark.parametrize(
    "fault", [{"delay": 60}, {"drip": 30}, {"drip": 30, "drip_part": "headers"}, {"broken": "silent"}]
)
def test_stopping_does_not_wait_for_a_fault(fault):
    with Sandbox(token="a key", network={}) as sandbox:
        sandbox.faults.add("/tags", **fault)
        with connect(sandbox) as wire:
            say(wire, TAGS)
            while not sandbox.requests:
                pass
            began = time.monotonic()
            sandbox.__exit__(None, None, None)
            assert time.monotonic() - began < 30, "no fault is shorter"


def test_a_kept_connection_answers_in_milliseconds(sandbox):
    with connect(sandbox) as wire:
        times = []
        for _ in range(20):
            began = time.perf_counter()
            say(wire, TAGS)
            head, _, body = wire.recv(65536).partition(b"\r\n\r\n")
            times.append(time.perf_counter() - began)
            assert b"Connection: keep-alive" in head
            assert length_of(head.decode()) == len(body)
    assert sorted(times)[10] < 0.02  # with Nagle's algorithm it would be 0.04


def test_a_body_that_nobody_reads_does_not_spoil_the_connection(sandbox):
    with connect(sandbox) as wire:
        say(wire, "POST /api/v2/nothing HTTP/1.1", b"x" * 5000)
        assert wire.recv(65536).startswith(b"HTTP/1.1 404")
        say(wire, TAGS)
        assert wire.recv(65536).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("sent", [b"", b'{"name": "Ana"'])
def test_a_call_whose_caller_died_while_sending_it_is_not_carried_out(sandbox, sent):
    with connect(sandbox) as wire:
        head = "POST /api/v2/prospects HTTP/1.1\r\nHost: x\r\nAuthorization: a key\r\nContent-Length: 15"
        wire.sendall(f"{head}\r\n\r\n".encode() + sent)
        wire.shutdown(socket.SHUT_WR)
        assert wire.recv(65536) == b""
    assert (len(sandbox.store["prospects"]), list(sandbox.requests)) == (0, [])


def test_a_chunked_body_and_a_closed_connection(sandbox):
    chunked = requests.post(
        f"{sandbox.url}/api/v2/prospects",
        data=iter([b'{"name":', b'"Ana"}']),
        headers={"Authorization": "a key", "Connection": "close"},
        timeout=5,
    )
    assert chunked.json()["name"] == "Ana"
    assert chunked.headers["Connection"] == "close"


def test_a_request_target_over_8_kb_is_a_414(ozmap):
    assert ozmap.call("GET", "/tags", params={"x": "y" * 8100}).status_code == 200
    answer = ozmap.call("GET", "/tags", params={"x": "y" * 8200})
    assert (answer.status_code, answer.json().keys()) == (414, {"message"})
    assert ozmap.call("GET", "/tags", params={"x": "y" * 70000}).status_code == 414


def test_requests_are_recorded_in_order(ozmap, sandbox):
    ozmap.get("/tags", limit=2)
    ozmap.call("DELETE", "/tags/x")
    assert list(sandbox.requests) == [
        Received("GET", "/tags", {"limit": "2"}, 200),
        Received("DELETE", "/tags/x", {}, 404),
    ]


def test_requests_are_recorded_with_their_body_and_what_hit_them(ozmap, sandbox):
    reset = sandbox.faults.add("/prospects", method="POST", times=1, broken="reset")
    with pytest.raises(requests.ConnectionError):
        ozmap.post("/prospects", {"name": "João"})
    ozmap.post("/prospects", {"name": "João"})
    broken, whole = sandbox.requests
    assert (broken.fault, whole.fault, whole.status) == (reset, None, 201)
    assert json.loads(broken.body) == json.loads(whole.body) == {"name": "João"}


@pytest.mark.parametrize(("token", "says"), [("", "key sandbox-key"), ("mine", "the key in OZMAP_TOKEN")])
def test_the_command(token, says):
    command = [sys.executable, "-W", "error", "-m", "sandbox", "--port", "0"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"OZMAP_TOKEN": token},
    ) as running:
        line = running.stdout.readline()
        url = line.split()[2].rstrip(",")
        answer = requests.get(
            f"{url}/authenticated", headers={"Authorization": token or "sandbox-key"}, timeout=5
        )
        running.send_signal(signal.SIGTERM)
        rest, errors = running.communicate(timeout=10)
    assert line == f"OZmap sandbox: {url}, {says}\n"
    assert answer.status_code == 200
    assert (running.returncode, rest, errors) == (0, "", "")
