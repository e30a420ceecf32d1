"""Every way out of the application is a flat JSON reply."""

import pytest
from flask import abort
from werkzeug.exceptions import HTTPException, default_exceptions

from webhook.observe.defects import defect_site
from webhook.outcomes import CATALOGUE
from webhook.web.errors import answer_to

STATUSES = {status: status for status in (400, 401, 404, 405, 408, 413, 429)}


@pytest.mark.parametrize("code", sorted(default_exceptions))
def test_every_status_that_werkzeug_knows(make_app, code):
    app = make_app()
    app.add_url_rule("/huggy/breaks", view_func=lambda: abort(code))
    answer = app.test_client().get("/huggy/breaks")
    assert answer.status_code == STATUSES.get(code, 200 if code < 500 else 500)
    assert answer.content_type == "application/json"
    reply = answer.get_json()
    assert list(reply) == ["ok", "codigo", "mensagem", "protocolo"]
    assert reply["ok"] == "nao"
    assert reply["codigo"] in CATALOGUE
    assert reply["mensagem"]


def test_an_http_exception_without_a_code_is_a_defect():
    answer, status = answer_to(HTTPException())
    assert (answer.outcome.code, status) == ("erro_interno", 500)


@pytest.mark.parametrize("path", ["/", "/nothing", "/favicon.ico", "/huggy%2Fviabilidade/x"])
def test_an_unknown_place_answers_flat_json(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.get_json()["codigo"] == "nao_encontrado"


def test_a_wrong_method_names_the_right_ones(client):
    answer = client.delete("/huggy/viabilidade")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")


def test_the_place_of_a_defect_without_its_text():
    try:
        raise LookupError("Fulana de Tal")
    except LookupError as error:
        found = defect_site(error)
    assert found.startswith("LookupError at test_errors.py:")
    assert "Fulana" not in found
