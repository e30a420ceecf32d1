"""From status and bytes to JSON or to the error that they stand for."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.ozmap.decode import decode
from webhook.ozmap.errors import (
    OzmapAmbiguous,
    OzmapError,
    OzmapRefused,
    OzmapUnavailable,
    OzmapUnreadable,
)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_any_success_may_have_a_body_or_none(status):
    assert decode(status, b"") is None
    assert decode(status, b"\r\n") is None
    assert decode(status, b'{"rows": []}') == {"rows": []}


@pytest.mark.parametrize("body", [b"<html>login</html>", b'{"rows": [', b"\xff\xfe\xfa", b"[" * 100_000])
def test_a_success_that_is_no_json_is_unreadable(body):
    with pytest.raises(OzmapUnreadable):
        decode(200, body)


@pytest.mark.parametrize(
    ("status", "kind", "may_be_done"),
    [
        (301, OzmapUnavailable, False),
        (400, OzmapRefused, False),
        (401, OzmapRefused, False),
        (403, OzmapRefused, False),
        (404, OzmapRefused, False),
        (408, OzmapUnavailable, False),
        (409, OzmapRefused, False),
        (422, OzmapRefused, False),
        (429, OzmapUnavailable, False),
        (500, OzmapAmbiguous, True),
        (502, OzmapAmbiguous, True),
        (503, OzmapAmbiguous, True),
        (504, OzmapAmbiguous, True),
        (600, OzmapAmbiguous, True),
        (101, OzmapAmbiguous, True),
    ],
)
def test_what_a_status_says_of_the_work(status, kind, may_be_done):
    with pytest.raises(kind) as error:
        decode(status, b"")
    assert type(error.value) is kind
    assert error.value.may_be_done is may_be_done


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"message": "no free port"}', "no free port"),
        (b'{"error": "bad key", "code": 7}', "bad key"),
        (b'{"message": "", "error": "second"}', "second"),
        (b'{"code": 7}', ""),
        (b'{"message": "Invalid", "errors": [{"path": "client", "msg": "taken"}]}', "Invalid taken"),
        (b'{"statusCode": 400, "error": "Bad Request", "message": "taken"}', "taken Bad Request"),
        (b'{"error": {"code": 7, "message": ["one", {"detail": "two"}, null]}}', "one two"),
        (b'{"errors": {"client.code": {"message": "taken", "kind": "user"}}}', "client.code: taken"),
        (b'{"error": true, "mensagem": "taken"}', "mensagem: taken"),
        (b'["one", {"message": "two"}]', "one two"),
        (b"[]", ""),
        (b"null", ""),
        (b"true", ""),
        ('"Código X-1 já está sendo utilizado"'.encode(), "Código X-1 já está sendo utilizado"),
        (b'"half \\ud83d and \\u0000 \\u001b[2J controls"', "half and [2J controls"),
        (b"<p>C&oacute;digo\n  j&aacute; usado</p>", "Código já usado"),
        (b'"a bare JSON string"', "a bare JSON string"),
        (b"plain\n  text", "plain text"),
        (b"<html><body><h1>Bad gateway</h1></body></html>", "Bad gateway"),
        (b"", ""),
        (b"\xff", "\ufffd"),
        (b"x" * 2000, "x" * 1000),
        (b"<" * 100_000, "<" * 1000),
        (b"[" * 100_000, "[" * 1000),
        (b'{"message":' * 400 + b'"deep"' + b"}" * 400, "deep"),
    ],
)
def test_what_ozmap_said_is_kept_apart_from_the_reason(body, said):
    with pytest.raises(OzmapRefused) as error:
        decode(422, body)
    assert error.value.message == said
    assert error.value.reason == str(error.value) == "422"


@given(st.integers(100, 999), st.binary(max_size=200) | st.from_type(dict).map(str).map(str.encode))
def test_whatever_comes_is_json_or_an_ozmap_error(status, body):
    try:
        answer = decode(status, body)
    except OzmapError as error:
        assert error.reason
        assert len(error.message) <= 1000
        error.message.encode()
    else:
        assert 200 <= status < 300
        json.dumps(answer)
