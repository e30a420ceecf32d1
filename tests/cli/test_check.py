"""python -m webhook check: says the same as the start, and tries OZmap's key."""

import sys

import pytest

from webhook.__main__ import main


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


def test_all_is_well(check):
    assert check() == (
        0,
        "settings: ok, 1 tenant(s), 9 recipe(s)\nisp: OZmap accepts the key, which sees 3 project(s)\n",
        "",
    )


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
