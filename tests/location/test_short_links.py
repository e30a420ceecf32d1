"""Short links: where they lead, and that they lead nowhere inside a network. Over real sockets and TLS."""

import socket
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.raw_server import answers, drips, ok
from webhook.location.outside import ServiceUnavailable
from webhook.location.short_links import ShortLinks, is_public
from webhook.net.deadline import Deadline

PLACE = "https://www.google.com/maps/place/Casa/data=!3d-27.598710!4d-48.519455"


def redirect(location: str, body: bytes = b"") -> bytes:
    head = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.fixture
def follow(serve, authority):
    """Follows a link on a server of the test's own; the address rule is handed in, as always."""
    tls, ca_file = authority

    def follow(handle, allows=lambda _: True, seconds=5.0, path="/abc"):
        server = follow.server = serve(handle, tls)
        links = ShortLinks({f"localhost:{server.port}"}, allows, ca_file)
        return links.follow(f"{server.url}{path}", Deadline(seconds))

    return follow


def test_a_link_leads_to_a_place(follow):
    assert follow(answers(redirect(PLACE))) == [PLACE]


def test_the_body_is_not_read(follow):
    endless = f"HTTP/1.1 301 Moved\r\nLocation: {PLACE}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    started = monotonic()
    assert follow(drips(endless, b"1\r\nx\r\n" * 1000, 0.05), seconds=5) == [PLACE]
    assert monotonic() - started < 2


def test_at_most_three_hops(follow):
    assert len(follow(answers(*[redirect("/again")] * 9))) <= 3
    assert follow.server.connections <= 3


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://metadata.google.internal/",
        "ftp://maps.app.goo.gl/x",
        "file:///etc/passwd",
        "//evil.example/x",
        "https://maps.app.goo.gl@evil.example/x",
        "https://maps.app.goo.gl:8443/x",
        "https://maps.app.goo.gl.evil.example/x",
    ],
)
def test_a_hop_to_any_other_host_is_named_and_not_asked(follow, monkeypatch, target):
    asked = []
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **k: asked.append(host) or real(host, *a, **k)
    )
    assert len(follow(answers(redirect(target)))) == 1
    assert set(asked) == {"localhost"}


@pytest.mark.parametrize("target", ["http://[", "https://[::1", "https://\x00/"])
def test_a_hop_that_is_no_address_ends_the_way(follow, target):
    assert len(follow(answers(redirect(target)))) <= 1


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1"],
)
def test_a_name_that_leads_inside_is_not_connected_to(serve, monkeypatch, address):
    server = serve(answers(redirect(PLACE)))
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    entry = (family, socket.SOCK_STREAM, 6, "", (address, server.port))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [entry])
    with pytest.raises(ServiceUnavailable):
        ShortLinks().targets("https://maps.app.goo.gl/abc", Deadline(5))
    assert server.connections == 0


def test_the_rule_sees_the_address_that_is_connected_to(follow):
    seen = []
    assert follow(answers(redirect(PLACE)), allows=lambda ip: seen.append(ip) or ip == "127.0.0.1") == [PLACE]
    assert "127.0.0.1" in seen
    with pytest.raises(ServiceUnavailable):
        follow(answers(redirect(PLACE)), allows=is_public)
    assert follow.server.connections == 0


@pytest.mark.parametrize(
    "answer", [ok(b"<html>"), b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", redirect("")]
)
def test_a_link_that_leads_nowhere(follow, answer):
    assert follow(answers(answer)) == []


@pytest.mark.parametrize("handle", [answers(b""), answers(b"no HTTP\r\n\r\n"), drips(b"", b"x" * 99, 0.1)])
def test_a_host_that_does_not_answer(follow, handle):
    started = monotonic()
    with pytest.raises(ServiceUnavailable):
        follow(handle, seconds=0.4)
    assert monotonic() - started < 0.9


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("142.250.79.46", True),
        ("2800:3f0:4001:80f::200e", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::127.0.0.1", False),
        ("::10.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b:1::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_public_addresses(address, public):
    assert is_public(address) is public


def test_short_links_in_a_text(monkeypatch):
    followed = []
    monkeypatch.setattr(ShortLinks, "follow", lambda self, link, _: followed.append(link) or [PLACE])
    links = ShortLinks()
    for text in (
        "https://maps.app.goo.gl/AbC123",
        "tô aqui ó https://maps.app.goo.gl/AbC123 vem",
        "maps.app.goo.gl/AbC123",
        "(veja: http://maps.app.goo.gl/AbC123).",
    ):
        assert links.targets(text, Deadline(5)) == [PLACE]
    assert links.targets("https://goo.gl/maps/AbC123", Deadline(5)) == [PLACE]
    assert followed == ["https://maps.app.goo.gl/AbC123"] * 4 + ["https://goo.gl/maps/AbC123"]
    for text in ("https://bit.ly/AbC123", "https://goo.gl/AbC123", "https://evil.example/maps.app.goo", "oi"):
        assert links.targets(text, Deadline(5)) == []


OTHERS = [
    "",
    "https://",
    "http://maps.app.goo.gl/",
    "https://evil.example/?maps.app.goo.gl",
    "//maps.app.goo.gl/",
]


@given(st.sampled_from(OTHERS), st.text(max_size=60))
def test_no_link_is_asked_but_those_of_the_fixed_hosts(start, rest):
    links = ShortLinks(allows=lambda ip: pytest.fail(f"asked {ip}"))
    assert links.follow(start + rest, Deadline(5)) == []
