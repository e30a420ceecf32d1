"""`/` is a page for a browser, and no route for anybody else."""

import re
from pathlib import Path

import pytest

from webhook.__version__ import __version__

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ROOT = Path(__file__).parents[2]


def test_a_browser_gets_a_page(client):
    page = client.get("/", headers=BROWSER)
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert f"Version {__version__}." in page.text
    assert client.get("/openapi.json").status_code == 200
    assert 'href="/openapi.json"' in page.text
    assert "/simulador" not in page.text
    for path in re.findall("<code>(.*?)</code>", page.text):
        assert (ROOT / path).is_file()


def test_the_simulator_is_linked_where_it_is_on(make_app):
    client = make_app(simulator=True).test_client()
    assert '<a href="/simulador">' in client.get("/", headers=BROWSER).text
    assert client.get("/simulador").status_code == 200


def test_headers_that_protect_it(client):
    page = client.get("/", headers=BROWSER)
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert (page.headers["X-Content-Type-Options"], page.headers["Vary"]) == ("nosniff", "Accept")
    # All that it loads is ours.
    for path in re.findall('<link .*?href="(.*?)"', page.text):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "accept", [None, "*/*", "application/json", "application/json, text/html", "text/html;q=0", "nonsense"]
)
def test_others_get_the_404_of_any_unknown_route(client, accept):
    headers = {"Accept": accept} if accept else {}
    reply, unknown = (client.get(path, headers=headers) for path in ("/", "/nada"))
    assert (reply.status_code, reply.content_type) == (404, unknown.content_type)
    assert reply.get_json() | {"protocolo": ""} == unknown.get_json() | {"protocolo": ""}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "FOO"])
def test_other_methods_get_it_too(client, method):
    reply = client.open("/", method=method, headers=BROWSER)
    assert (reply.status_code, reply.get_json()["codigo"]) == (404, "nao_encontrado")
    assert "Allow" not in reply.headers


def test_it_counts_and_logs_as_an_unknown_route(client, capsys):
    client.get("/", headers=BROWSER)
    client.get("/")
    lines = capsys.readouterr().out.splitlines()
    assert [line.count('"platform": null, "action": null') for line in lines] == [1, 1]
    assert ['"status": 200' in lines[0], '"status": 404' in lines[1]] == [True, True]
