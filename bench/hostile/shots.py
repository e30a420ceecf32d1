"""Hostile requests of our own making: what a flow, a customer, a scanner or an attacker may send."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

from bench.hostile.material import (
    BROKEN_BODIES,
    BROKEN_CHUNKS,
    GOOD,
    METHODS,
    NO_HTTP,
    ODD_HEADERS,
    ROUTES,
    TO_ECHO,
    TYPES,
    WORDS,
)
from bench.hostile.wire import Header, Shot
from webhook.platforms import PLATFORMS
from webhook.web.body import MAX_BODY

JSON, FORM = TYPES[:2]
LONGEST_QUERY = 6000
"""Bytes: with the path, less than a request line may have."""
SHARED = b"198.51.100.7"
"""The address behind which a whole neighbourhood asks: some search, some guess, one has a link."""
STREET = urlencode({"endereco": "Rua Dona Marina", "numero": "552"}).encode()


@dataclass(frozen=True)
class Pages:
    """Paths of location pages that exist."""

    asked: list[str]
    """For anything; some are confirmed, and then over."""
    flooded: str
    untouched: str
    """Of a customer who has not chosen yet."""


class Shooter:
    """Makes requests, the same ones for the same seed.

    `keys` is the first part of a path to its key.
    """

    def __init__(self, seed: str, document: Mapping[str, Any], keys: Mapping[str, str], pages: Pages) -> None:
        self._chance = random.Random(seed)
        self._actions = [path for path in document["paths"] if path.split("/")[1] in PLATFORMS]
        schemas = document["components"]["schemas"].values()
        self._names = sorted({name for schema in schemas for name in schema.get("properties", ())})
        self._keys, self._pages = keys, pages
        self._kinds: list[Callable[[], Shot]] = [
            *[self._values] * 8, *[self._body] * 3, self._long, self._method, self._key, *[self._route] * 2,
            self._header, *[self._page] * 2, self._no_http, self._chunks, *[self._flood] * 2, self._neighbour,
        ]  # fmt: skip

    def shot(self) -> Shot:
        """The next one."""
        return self._chance.choice(self._kinds)()

    def _values(self) -> Shot:
        """Good and bad values, in each of the ways that they may come."""
        names = self._chance.sample(self._names, self._chance.randint(0, 8))
        names += list(GOOD) * self._chance.randint(0, 1)
        return self._sent("values", {name: self._value(name) for name in names})

    def _value(self, name: str) -> Any:
        is_good = name in GOOD and self._chance.random() < 0.8
        return self._chance.choice(GOOD[name] if is_good else WORDS)

    def _sent(self, kind: str, values: Mapping[str, Any], *headers: Header) -> Shot:
        path = self._chance.choice(self._actions)
        how = self._chance.choice(("json", "escaped json", "form", "query"))
        if how.endswith("json"):
            text = json.dumps(values, ensure_ascii=how == "escaped json")
            return self._post(kind, path, text.encode("utf-8", "surrogatepass"), JSON, *headers)
        quoting = self._chance.choice((quote, quote_plus))
        pairs = urlencode(values, errors="surrogatepass", quote_via=quoting).encode()
        if how == "form":
            return self._post(kind, path, pairs, FORM, *headers)
        method, body = self._chance.choice((("GET", None), ("POST", b"")))
        target = b"%b?%b" % (path.encode(), pairs[:LONGEST_QUERY])
        return Shot(kind, method, target, (*self._right_key(path), *headers), body)

    def _post(self, kind: str, path: str, body: bytes, type_: bytes, *headers: Header) -> Shot:
        sent = (*self._right_key(path), (b"Content-Type", type_), *headers)
        return Shot(kind, "POST", path.encode(), sent, body)

    def _right_key(self, path: str) -> tuple[Header, ...]:
        """In one of its spellings; nothing where no key is needed."""
        key = self._keys.get(path.strip("/").split("/")[0], "").encode()
        spellings = ((b"X-Webhook-Key", key), (b"Authorization", key), (b"Authorization", b"bearer " + key))
        return (self._chance.choice(spellings),) if key else ()

    def _body(self) -> Shot:
        """A body that is broken, with a Content-Type that may be another's."""
        body = self._chance.choice((*BROKEN_BODIES, *[self._noise(300)] * 20))
        return self._post("bodies", self._chance.choice(self._actions), body, self._chance.choice(TYPES))

    def _noise(self, most: int) -> bytes:
        return self._chance.randbytes(self._chance.randint(1, most))

    def _long(self) -> Shot:
        """Deep, or about as long as is allowed, or longer; some in chunks."""
        depth = self._chance.choice((31, 33, 999, 20_000))
        size = MAX_BODY + self._chance.choice((-20, -1, 0, 1, 100, 3 * MAX_BODY))
        body = self._chance.choice((
            b'{"a":' * depth + b"1" + b"}" * depth,
            b'{"a":' + b"[" * depth + b"]" * depth + b"}",
            b'{"localizacao":"' + b"a" * (size - 18) + b'"}',
            b"localizacao=" + b"%41" * (size // 3),
            b"{" + b",".join(b'"k%d":%d' % (n, n) for n in range(5000)) + b"}",
        ))  # fmt: skip
        path, type_ = self._chance.choice(self._actions), self._chance.choice(TYPES[:4])
        if self._chance.random() < 0.7:
            return self._post("deep and long", path, body, type_)
        chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        return self._post("deep and long", path, chunks, type_, (b"Transfer-Encoding", b"chunked"))

    def _method(self) -> Shot:
        path = self._chance.choice((*self._actions, *ROUTES[:12], *self._pages.asked))
        method, body = self._chance.choice(METHODS), self._chance.choice((None, b"", b"{}"))
        return Shot("methods", method, path.encode(), self._right_key(path), body)

    def _key(self) -> Shot:
        """None, a wrong one, another platform's, bytes that are no text."""
        keys = [key.encode() for key in self._keys.values()]
        others = (b"", b"x", b"\xff\xfe", b"a" * 5000, b"k\xc3\xa3o", b"Bearer", b",".join(keys))
        name = self._chance.choice((b"X-Webhook-Key", b"Authorization", b"x-webhook-KEY", b"X-Key"))
        prefix = self._chance.choice((b"", b"Bearer ", b"Basic ", b"bearer\t"))
        header = (name, prefix + self._chance.choice((*keys, *others)))
        target = self._chance.choice(self._actions).encode()
        return Shot("keys", "POST", target, (header,), b'{"localizacao":"-27.59, -48.51"}')

    def _route(self) -> Shot:
        noise = ["/" + quote(self._noise(60))] * 20
        path = self._chance.choice((*ROUTES, *noise))
        method, body = self._chance.choice((("GET", None), ("POST", b"{}")))
        return Shot("routes", method, path.encode(), self._right_key(path), body)

    def _header(self) -> Shot:
        # One of each name: two of Host or Content-Type are no HTTP.
        odd = dict(self._chance.sample(ODD_HEADERS, self._chance.randint(1, 4)))
        return self._sent("headers", {"localizacao": "-27.59, -48.51"}, *odd.items())

    def _page(self) -> Shot:
        """The location page: forms of all kinds, tokens that are none, from many addresses."""
        unknown = "/l/" + quote(str(self._chance.choice(WORDS)), safe="", errors="replace")[:500].rstrip("%")
        path = self._chance.choice((*self._pages.asked, unknown))
        path += self._chance.choice(("", "", "/busca", "/endereco", "/confirma", "/x"))
        names = ("latitude", "longitude", "endereco", "numero", "x")
        form = urlencode({name: self._value(name) for name in names}, errors="surrogatepass").encode()
        method, body = self._chance.choice((("GET", None), ("POST", form), ("POST", self._noise(200))))
        headers = (
            (b"X-Forwarded-For", self._address()),
            (b"Content-Type", self._chance.choice(TYPES[1:3])),
            (b"Accept", self._chance.choice((b"application/json", b"text/html"))),
        )
        return Shot("location pages", method, path.encode(), headers, body)

    def _address(self) -> bytes:
        return b"10.%d.%d.%d" % tuple(self._chance.randbytes(3))

    def _flood(self) -> Shot:
        """Look-ups with one link, from many addresses and from one: what the geocoder must be spared."""
        pin = urlencode({"latitude": -27.6 - self._chance.random() / 100, "longitude": -48.52}).encode()
        path, form = self._chance.choice((("/busca", STREET), ("/endereco", pin)))
        headers = (
            (b"X-Forwarded-For", self._chance.choice((SHARED, self._address()))),
            (b"Content-Type", FORM),
            (b"Accept", self._chance.choice((b"application/json", b"text/html"))),
        )
        target = (self._pages.flooded + path).encode()
        return Shot("floods", "POST", target, headers, form, allowed=(200, 429))

    def _neighbour(self) -> Shot:
        """One has a link, the others guess: it is refused because of nobody."""
        headers = ((b"X-Forwarded-For", SHARED),)
        if self._chance.random() < 0.5:
            return Shot("neighbours", "GET", self._pages.untouched.encode(), headers, allowed=(200,))
        guess = b"/l/" + self._chance.randbytes(16).hex().encode()
        return Shot("neighbours", "GET", guess, headers, allowed=(404, 429))

    def _chunks(self) -> Shot:
        """A body in chunks that is none."""
        return self._in_part(
            "broken chunks", b"Transfer-Encoding: chunked", self._chance.choice(BROKEN_CHUNKS), 400
        )

    def half(self) -> Shot:
        """A request whose rest never comes: the thread that reads it is needed by others."""
        if self._chance.random() < 0.2:  # no reply to half a head, only an end
            raw = TO_ECHO[: self._chance.randint(1, len(TO_ECHO))]
            return Shot("half requests", "POST", b"/huggy/eco", raw=raw, waits=True)
        said, sent = self._chance.choice((
            (b"Content-Length: 99", b""), (b"Content-Length: 99", b'{"localizacao": "-27'),
            (b"Transfer-Encoding: chunked", b""), (b"Transfer-Encoding: chunked", b"5\r\n{"),
            (b"Transfer-Encoding: chunked", b"2\r\n{}\r\n"),
        ))  # fmt: skip
        return replace(self._in_part("half requests", said, sent, 408), waits=True)

    def _in_part(self, kind: str, said: bytes, sent: bytes, status: int) -> Shot:
        """A body that cannot be read, to those who read it: calls with a key, and pages that exist."""
        path, statuses = self._chance.choice(self._actions), (status,)
        own = [*self._right_key(path), (b"Content-Type", self._chance.choice((JSON, FORM)))]
        if self._chance.random() < 0.2:
            path, statuses = f"{self._pages.flooded}/busca", (status, 429)
            own = [(b"X-Forwarded-For", self._address()), (b"Content-Type", FORM)]
        head = b"".join(b"%b: %b\r\n" % header for header in own)
        raw = b"POST %b HTTP/1.1\r\nHost: x\r\n%b%b\r\n\r\n%b" % (path.encode(), head, said, sent)
        return Shot(kind, "POST", path.encode(), raw=raw, allowed=statuses)

    def _no_http(self) -> Shot:
        raw = self._chance.choice((*NO_HTTP, *[self._noise(200)] * 8))
        if raw.startswith(TO_ECHO) and self._chance.random() < 0.5:  # only then its body is read
            key = b"X-Webhook-Key: " + self._keys["huggy"].encode() + b"\r\n"
            raw = TO_ECHO + key + raw.removeprefix(TO_ECHO)
        return Shot("no HTTP", "GET", b"/huggy/eco", raw=raw)
