"""What hostile requests are made of."""

from collections.abc import Mapping
from typing import Any

from sandbox import PLACES

WORDS: tuple[Any, ...] = (
    "", " ", "\0", "a\0b", "\ud800", "x\udfff", "\u202e\u2066", "\ufeff", "\U0001f600" * 20, "e\u0301" * 50,
    "{nome}", "{{ nome|0 }}", "${jndi:ldap://x}", "[nome]", "%nome%", "null", "undefined", "NaN",
    "-Infinity", "1e309", "1_0", "٣٫٥", "−27,5", "0x1F", "9" * 400, "-" * 300, "(" * 4000, "a" * 4096,
    "ß" * 900, "\n" * 99, "../../etc/passwd", "..", ".", "/", "%00", "%2e%2e%2f", "' OR 1=1 --",
    "<script>alert(1)</script>", "a\r\nX-Evil: 1", "{{7*7}}", "${7*7}", "{0.__class__}", "%s%n", "$where",
    '{"$gt": ""}', "[]", "{}", "http://127.0.0.1:9994/", "http://169.254.169.254/latest",
    "file:///etc/passwd", "geo:-27.59,-48.51", "https://maps.app.goo.gl.evil.example/x",
    "https://maps.app.goo.gl@127.0.0.1/x", "https://[::1]:x/",
    "https://www.google.com/maps/@-27.59,-48.51,17z", "https://www.google.com/maps/place/" + "%C3" * 300,
    "48XCCF2H+GQ", "CCF2H+", "-27,598710 -48,519455", "27°35'55.4\"S 48°31'10\"W", "S27 35.9 W48 31.1",
    "-91, 181", None, True, False, 0, -1, 10**30, -(10**400), 1.5, 1e308, 5e-324, -0.0, [], {}, [[]],
    {"": {}}, [None] * 50, {"latitude": "x"}, {"lat": -27.59, "lng": -48.51},
    {"location": {"latitude": [], "longitude": {}}}, {"a": [{"b": [{"c": None}]}] * 9},
)  # fmt: skip
"""Values for any request key; texts with lone surrogates go as JSON escapes and as broken UTF-8."""
GOOD: Mapping[str, tuple[Any, ...]] = {
    "latitude": tuple(place.point.lat for place in PLACES.values()),
    "longitude": tuple(place.point.lng for place in PLACES.values()),
    "localizacao": (
        *(f"{one.point.lat}, {one.point.lng}" for one in PLACES.values()),
        "Rua Dona Marina, 552",
    ),
    "endereco": ("Rua Dona Marina, 552", "Estrada do Morro Alto, 1050", "Rua Dona Marina"),
    "cep": ("88036-001", 88036001, "00000-000"),
    "conversa_id": ("c-1", "c-2", 3),
    "nome": ("Fulana Beltrana",),
    "telefone": ("48 99988-7766", "+55 48 99988-7766", 48999887766),
    "modo": ("poste", "raio", "RAIO"),
    "raio_m": (300, "0,5", 10_000),
    "caixa_id": ("5da61d359e6e85a19f351426", "0" * 24),
    "tags": ("Chatbot", ["Chatbot", 1]),
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "FOO")
TYPES = (
    b"application/json", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=X",
    b"text/plain", b"multipart/form-data", b"multipart/form-data; boundary=" + b"y" * 300,
    b"application/json; charset=utf-16", b"application/json; charset=nonsense", b"text/xml", b"*/*", b"",
    b";;;", b"\xff\xfe", b"application/x-www-form-urlencoded; charset=utf-7", b"application/octet-stream",
    b"image/png",
)  # fmt: skip
ODD_HEADERS = (
    (b"Accept", b"application/xml"), (b"Accept", b"\xff"), (b"Accept-Language", b"x" * 4000),
    (b"Cookie", b"a=b; " * 300), (b"Range", b"bytes=0-9999999999"), (b"If-None-Match", b"*"),
    (b"If-Modified-Since", b"yesterday"), (b"X-HTTP-Method-Override", b"DELETE"),
    (b"Content-Encoding", b"gzip"), (b"Content-Encoding", b"br, x"), (b"Content-Language", b"\xe9"),
    (b"Referer", b"javascript:alert(1)"), (b"Origin", b"null"), (b"TE", b"trailers"),
    (b"X-Forwarded-Proto", b"gopher"), (b"X-Forwarded-For", b"' OR 1=1, ::1, ,"),
    (b"X-Forwarded-Prefix", b"/../x"), (b"X-Request-ID", b"<b>" * 99), (b"User-Agent", b"() { :; }; echo"),
    (b"Host", b"evil.example:99999"), (b"Host", b"\xff\xff"), (b"Host", b""),
    (b"Forwarded", b"for=\"_x\";;"), (b"Authorization", b"Basic ====="), (b"Authorization", b"Bearer"),
    (b"X_Webhook_Key", b"x"), (b"Upgrade", b"h2c"),
)  # fmt: skip
PART = b"--X\r\nContent-Disposition: form-data; name=%b\r\n\r\n%b\r\n"
END = b"--X--\r\n"
BROKEN_BODIES = (
    b"{", b"}", b"[", b'{"localizacao": ', b'{"a":1,}', b"{'a':1}", b'{"a":1}{"b":2}', b'{"a":NaN}',
    b'{"a":Infinity}', b'{"a":1' + b"0" * 5000 + b"}", b'{"a":1e99999}', b'{"a":"\\ud800"}',
    b'{"\\udfff":1}', b'{"a":"\\u0000"}', b'{"a":"\x00\x01"}', b'{"a":"\xff"}', b"\xef\xbb\xbf{}",
    '{"a":"é"}'.encode("utf-16"), '{"a":"é"}'.encode("latin-1"), b"null", b"true", b"123", b'"text"', b"[]",
    b"[{}]", b"=", b"&&&", b"a=%zz", b"a=%ff", b"a=%00", b"a=%ed%a0%80", b"a[]=1&a[b]=2", b"a=1;b=2",
    b"\x00" * 100, b"<xml/>", b"\r\n\r\n", b"&".join(b"k%d=1" % n for n in range(300)), b"--X\r\n", b"--X--",
    b"--X\r\n\r\n\r\n--X", PART % (b'"a"', b"1") + END, PART % (b'"\xff"', b"\xff") + END,
    PART % (b'"a\\"', b"1") + END, PART % (b'f; filename="../x"', b"\xff") + END, PART % (b"", b"") * 3,
    PART % (b'"a"', b"1") * 150 + END,
)  # fmt: skip
ROUTES = (
    "/", "/favicon.ico", "/.env", "/.git/config", "/wp-login.php", "/huggy", "/fivehub/", "/nobody/eco",
    "/huggy/nada", "/huggy//eco", "//huggy/eco", "/huggy/eco/", "/huggy/eco/x", "/huggy/../fivehub/eco",
    "/huggy%2Feco", "/huggy/eco%00", "/huggy/%ff", "/huggy/eco;x=1", "/HUGGY/ECO", "/huggy/consulta/",
    "/huggy/consulta/../../etc", "/huggy/consulta/%00", "/fivehub/consulta/%2e%2e%2f%2e%2e%2fboxes",
    "/fivehub/consulta/a/b/c", "/huggy/consulta/" + "x" * 3000, "/openapi.json", "/openapi.json/",
    "/healthz", "/readyz", "/metrics", "/simulador", "/simulador/huggy", "/simulador/rede/huggy",
    "/flows/huggy/viabilidade.json", "/flows/huggy/viabilidade.html", "/flows/huggy/..%2f..%2fx.json",
    "/flows/x/y.json", "/flows/%00/%ff.json", "/flows", "/static/x", "/l", "/l/", "/%e2%82%ac" * 200,
    "/" * 500, "/" + "a" * 8000,
)  # fmt: skip
BROKEN_CHUNKS = (
    b"zz\r\nabc\r\n0\r\n\r\n", b"-2\r\n{}\r\n0\r\n\r\n", b"0x2\r\n{}\r\n0\r\n\r\n", b"\r\n{}\r\n0\r\n\r\n",
    b"2_0\r\n{}\r\n0\r\n\r\n", b"\xb2\r\n{}\r\n0\r\n\r\n", b"2\n{}\n0\n\n", b"2", b"2\r\n{",
    b"2\r\n{}0\r\n\r\n", b"2\r\n{}xx0\r\n\r\n", b"3\r\nabcdef\r\n0\r\n\r\n", b"9\r\n{}",
    b"9\r\n{}\r\n0\r\n\r\n", b"2\r\n{}\r\n", b"2\r\n{}\r\n5\r\n", b"f" * 16 + b"\r\n{}\r\n0\r\n\r\n",
    b"f" * 400 + b"\r\n{}\r\n0\r\n\r\n", b"2\r\n{}\r\n0\r\nBad Header: x\r\n\r\n", b"", b"HTTP/1.1\r\n\r\n",
)  # fmt: skip
"""Bodies of `Transfer-Encoding: chunked`, whose connection then ends."""
TO_ECHO = b"POST /huggy/eco HTTP/1.1\r\nHost: x\r\n"
NO_HTTP = (
    b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"G\xffT / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02",
    b"\r\n" * 50, b"get / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /huggy/e co HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nBad Header: x\r\n\r\n", b"GET / HTTP/1.1\r\n: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", b"GET / HTTP/1.1\r\nA: b\x00c\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 300 + b"\r\n",
    b"GET / HTTP/1.1\r\nA: " + b"b" * 70_000 + b"\r\n\r\n",
    b"GET http://evil.example/huggy/eco HTTP/1.1\r\nHost: x\r\n\r\n",
    TO_ECHO + b"Content-Length: -1\r\n\r\n", TO_ECHO + b"Content-Length: 999\r\n\r\n{}",
    TO_ECHO + b"Content-Length: 9\r\nContent-Length: 3\r\n\r\nabc",
    TO_ECHO + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    TO_ECHO + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
    TO_ECHO + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
    TO_ECHO + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nBad Header: x\r\n\r\n",
)  # fmt: skip
