"""Whatever OZmap does, the flow has its answer in time: undefined, with a code that says why."""

from time import monotonic

import pytest

from sandbox import PLACES
from tests.conftest import KEYS

DEADLINE = 1.0
GRACE = 0.5

POINT = PLACES["no_fibre_street"].point
FAULTS = {
    "503": {"status": 503, "body": "Service Unavailable"},
    "HTML": {"status": 200, "body": "<html>", "content_type": "text/html"},
    "half a JSON": {"broken": "half"},
    "a byte every 200 ms": {"drip": 0.2},
    "a header byte every 200 ms": {"drip": 0.2, "drip_part": "headers"},
    "nothing": {"broken": "silent"},
    "a closed socket": {"broken": "reset"},
    "half the promised bytes": {"broken": "cut"},
    "its answer, far too late": {"delay": 30, "when": "after"},
}


@pytest.mark.parametrize("mode", ["poste", "raio"])
@pytest.mark.parametrize("fault", FAULTS)
def test_in_time_and_never_a_no(make_app, sandbox, fault, mode):
    client = make_app(reply_deadline=DEADLINE).test_client()
    sandbox.faults.add("/", **FAULTS[fault])
    started = monotonic()
    answer = client.post(
        "/huggy/viabilidade",
        json={"latitude": POINT.lat, "longitude": POINT.lng, "modo": mode},
        headers={"X-Webhook-Key": KEYS["huggy"][0]},
    )
    assert monotonic() - started < DEADLINE + GRACE
    assert answer.status_code == 200
    assert (answer.get_json()["codigo"], answer.get_json()["viavel"]) == ("ozmap_indisponivel", "indefinido")


@pytest.mark.parametrize(
    "path", ["/projects", "/pole-types", "/poles", "/base-points", "/boxes", "/splitters"]
)
def test_one_silent_read_of_a_pole_lookup_is_enough(make_app, sandbox, path):
    client = make_app(reply_deadline=0.5).test_client()
    sandbox.faults.add(path, broken="silent")
    point = PLACES["full_boxes"].point
    started = monotonic()
    answer = client.post(
        "/huggy/viabilidade",
        json={"latitude": point.lat, "longitude": point.lng},
        headers={"X-Webhook-Key": KEYS["huggy"][0]},
    )
    assert monotonic() - started < 0.5 + GRACE
    assert (answer.get_json()["codigo"], answer.get_json()["viavel"]) == ("ozmap_indisponivel", "indefinido")


def test_many_who_wait_for_the_projects_all_have_their_answer_in_time(make_app, sandbox):
    from concurrent.futures import ThreadPoolExecutor

    app = make_app(reply_deadline=DEADLINE)
    sandbox.faults.add("/projects", broken="silent")

    def ask(_):
        started = monotonic()
        answer = app.test_client().post(
            "/huggy/viabilidade",
            json={"latitude": POINT.lat, "longitude": POINT.lng},
            headers={"X-Webhook-Key": KEYS["huggy"][0]},
        )
        return answer.get_json()["codigo"], monotonic() - started

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(32)))
    assert {code for code, _ in answers} == {"ozmap_indisponivel"}
    assert max(seconds for _, seconds in answers) < DEADLINE + GRACE
