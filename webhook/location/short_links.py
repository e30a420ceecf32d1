"""Follows short map links: the only requests whose address comes from a customer.

So: a fixed list of hosts, only https on its default port, the `Location` header read by hand, a check of each
hop, no private address, no body, and little time.
"""

import re
from collections.abc import Collection
from ipaddress import IPv6Address, IPv6Network, ip_address
from urllib.parse import urljoin, urlsplit

from webhook.location.outside import ServiceUnavailable
from webhook.location.readers.links import AFTER_A_LINK
from webhook.net.deadline import Deadline
from webhook.net.http import ExchangeError, exchange, prepared
from webhook.net.sockets import AddressRule, tls_context

HOSTS = frozenset({"maps.app.goo.gl", "goo.gl", "g.co"})
HOPS = 3
SECONDS = 2.0

_SHORT = re.compile(r"(?:https?://)?((?:maps\.app\.goo\.gl|goo\.gl/maps|g\.co)/[^\s<>\"']+)", re.IGNORECASE)
# IPv6 addresses that embed an IPv4 address: a public one of these can lead to a private one.
_CARRIERS = [
    IPv6Network(network)
    for network in ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")
]


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip
    carries = isinstance(ip, IPv6Address) and any(ip in network for network in _CARRIERS)
    return ip.is_global and not ip.is_multicast and not carries


class ShortLinks:
    """`hosts` may be asked, at addresses that `allows` lets through; `ca_file` as for `tls_context`."""

    def __init__(
        self, hosts: Collection[str] = HOSTS, allows: AddressRule = is_public, ca_file: str | None = None
    ) -> None:
        self._hosts = hosts
        self._allows = allows
        self._tls = tls_context(ca_file)

    def targets(self, text: str, deadline: Deadline) -> list[str]:
        """The addresses that the first short link of the text leads to, hop by hop; empty without one.

        The last one may be on any other host: it is returned, but not followed. Raises ServiceUnavailable.
        """
        link = self.first(text)
        return self.follow(link, deadline.at_most(SECONDS)) if link else []

    def first(self, text: str) -> str:
        """The first short link of the text; empty without one."""
        match = _SHORT.search(text)
        return f"https://{match[1].rstrip(AFTER_A_LINK)}" if match else ""

    def follow(self, link: str, deadline: Deadline) -> list[str]:
        """The addresses that this one leads to. Raises ServiceUnavailable."""
        led_to: list[str] = []
        try:
            while len(led_to) < HOPS and self._may_be_asked(link):
                answer = exchange(prepared("GET", link), self._tls, deadline, 0, self._allows)
                if not answer.location:
                    break
                link = urljoin(link, answer.location)
                led_to.append(link)
        except ExchangeError:
            raise ServiceUnavailable from None
        except ValueError:  # not a valid address
            pass
        return led_to

    def _may_be_asked(self, link: str) -> bool:
        parts = urlsplit(link)
        return parts.scheme == "https" and parts.netloc.lower() in self._hosts
