"""python -m webhook check: says the same as the start, and tries OZmap's key."""

import sys

import pytest

from webhook.__main__ import main

UNPROVEN = "isp: whether the key may write is not tried: the first reservation or prospect shows it"


@pytest.fixture
def check(sandbox, monkeypatch, capsys):
    def check(**changes: str) -> tuple[int, str, str]:
        settings = {
            "OZMAP_URL": sandbox.url,
            "OZMAP_TOKEN": sandbox.token,
            "HUGGY_KEY": "12345678",
            "GEOCODER": "none",
            "PUBLIC_URL": "https://webhook.isp.example",
        }
        for name, value in (settings | changes).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["webhook", "check"])
        status = main()
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return check


def test_all_is_well(check, sandbox):
    assert check() == (
        0,
        "settings: ok, 1 tenant(s), 9 recipe(s)\n"
        "isp: OZmap accepts the key, which sees 3 project(s)\n"
        f"isp: the key sees {len(sandbox.store['boxes'])} box(es)\n"
        f"{UNPROVEN}\n",
        "",
    )


def test_it_only_reads_and_asks_for_no_code_twice(check, sandbox):
    for _ in range(2):
        check()
    paths = [request.path for request in sandbox.requests if "properties/client" in request.path]
    assert len(set(paths)) == 2
    assert {request.method for request in sandbox.requests} == {"GET"}


def test_the_public_nominatim_without_a_contact_is_warned_about(check):
    status, out, _ = check(GEOCODER="nominatim")
    assert (status, "GEOCODER_CONTACT is not set" in out) == (0, True)
    assert "GEOCODER_CONTACT" not in check(GEOCODER_CONTACT="noc@isp.example")[1]


def test_an_address_without_https_is_warned_about(check):
    status, out, _ = check(PUBLIC_URL="http://webhook.isp.example")
    assert (status, "PUBLIC_URL is not https" in out) == (0, True)


def test_wrong_settings(check):
    assert check(MODO="pole") == (1, "", "MODO must be one of: poste | raio\n")


def test_wrong_recipes(check, tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text('descricao = "x"\ncaminho = "../x"\n[chaves]\nk = "["\n')
    status, out, err = check(RECIPES_DIR=str(tmp_path))
    assert (status, out) == (1, "")
    assert [line.partition(": ")[0] for line in err.splitlines()] == [
        f"{tmp_path}/{name}.toml:{line}" for name in ("a", "b") for line in (2, 4)
    ]


def test_a_key_that_ozmap_refuses(check):
    status, out, err = check(OZMAP_TOKEN="another-token")
    assert (status, out) == (1, "settings: ok, 1 tenant(s), 9 recipe(s)\n")
    assert err.startswith("isp: OZmap refuses the key (401): make a new one there.")


def test_an_address_that_is_no_api(check, sandbox):
    status, _, err = check(OZMAP_URL=f"{sandbox.url}/elsewhere")
    assert status == 1
    assert err.startswith(f"isp: no OZmap API at {sandbox.url}/elsewhere (404): see OZMAP_URL.")


def test_an_ozmap_that_is_not_there(check):
    status, _, err = check(OZMAP_URL="http://127.0.0.1:1")
    assert status == 1
    assert err.startswith("isp: no answer from OZmap at http://127.0.0.1:1 (no connection)")


def test_a_page_that_answers_everything_is_no_ozmap(check, sandbox):
    sandbox.faults.add("/", status=200, body="<h1>Welcome</h1>", content_type="text/html")
    status, _, err = check()
    assert status == 1
    assert err == f"isp: no answer from OZmap at {sandbox.url} (not JSON) Welcome\n"


def test_an_answer_to_the_key_check_that_is_no_json_is_fine(check, sandbox):
    sandbox.faults.add("/authenticated", status=200, body="OK")
    assert check()[0] == 0


def test_a_key_without_projects(check, sandbox):
    sandbox.faults.add("/projects", status=200, body={"rows": [], "total": 0})
    status, _, err = check()
    assert status == 1
    assert err == "isp: the key sees no project: give its OZmap user the projects to sell in\n"


@pytest.mark.parametrize("collection", ["prospects", "ftth-clients"])
def test_a_filter_by_code_that_is_ignored(check, own_sandbox, collection):
    here = {"OZMAP_URL": own_sandbox.url, "OZMAP_TOKEN": own_sandbox.token}
    own_sandbox.store[collection].add({"id": "6" * 24, "code": "ERP-1", "name": "x"})
    number = len(own_sandbox.store[collection])
    assert "filter" not in check(**here)[1]
    own_sandbox.behaviour.change(code_filter_ignored=True)
    status, out, err = check(**here)
    assert (status, err) == (0, "")
    assert (
        f"isp: OZmap ignores the filter by code on {collection}: each search reads all {number} of them, and"
        " fails where there are more than 10000\n"
    ) in out


@pytest.mark.parametrize("body", ["", None, [], {}, {"rows": []}])
def test_no_such_code_has_many_spellings(check, sandbox, body):
    sandbox.faults.add("/properties/client", status=200, body=body)
    assert check()[::2] == (0, "")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (
            {"message": "none"},
            "no reservations with this OZmap: properties: properties/client/{code}: not a list",
        ),
        ([{"id": "6" * 24}], "OZmap finds 1 properties by a client code that nobody has: no reservations"),
    ],
)
def test_another_answer_for_no_such_code_is_a_problem(check, sandbox, body, problem):
    sandbox.faults.add("/properties/client", status=200, body=body)
    status, _, err = check()
    assert (status, err.strip()) == (1, f"isp: {problem}")


@pytest.mark.parametrize(
    ("path", "purpose"),
    [
        ("boxes", "feasibility by pole"),
        ("properties", "reservations"),
        ("ftth-clients", "reservations"),
        ("prospects", "prospects"),
    ],
)
def test_what_the_key_may_not_read(check, sandbox, path, purpose):
    sandbox.faults.add(f"/{path}", status=403)
    status, out, err = check()
    assert (status, err) == (0, "")
    assert f"isp: the key may not read {path} (403), so no {purpose} with it\n" in out
    assert UNPROVEN in out


def test_a_read_that_fails_is_a_problem(check, sandbox):
    sandbox.faults.add("/prospects", status=400, body="no such filter")
    assert check()[::2] == (1, "isp: no prospects with this OZmap: prospects: 400 no such filter\n")
