"""The keys that flows send. The key alone picks the tenant."""

from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest

from werkzeug.datastructures import Headers

from schemas.tenants import Tenant


class KeyRefused(Exception):
    """Missing or unknown key; we do not say which."""


class Keyring:
    """All keys of all tenants, by platform."""

    def __init__(self, tenants: Iterable[Tenant]) -> None:
        self._keys: dict[str, list[tuple[bytes, Tenant]]] = {}
        for tenant in tenants:
            for platform, keys in tenant.keys.items():
                self._keys.setdefault(platform, []).extend((key.encode(), tenant) for key in keys)

    @property
    def platforms(self) -> Iterable[str]:
        """The platforms for which some tenant has a key; the others are off."""
        return self._keys.keys()

    def tenant_of(self, platform: str, headers: Headers) -> Tenant:
        """Raises KeyRefused. Compares with every key, so that the time it takes reveals nothing."""
        sent = _sent_bytes(headers)
        matching = [tenant for key, tenant in self._keys[platform] if compare_digest(key, sent)]
        if not matching:
            raise KeyRefused
        return matching[0]


def require(key: str, headers: Headers) -> None:
    """Raises KeyRefused unless the request has this key."""
    if not compare_digest(key.encode(), _sent_bytes(headers)):
        raise KeyRefused


def digest(headers: Headers) -> str:
    """Identifies the request's key in places that must not see the key itself."""
    return sha256(_sent_bytes(headers)).hexdigest()


def _sent_bytes(headers: Headers) -> bytes:
    # WSGI decodes header bytes as latin-1.
    return _sent_key(headers).encode("latin-1", "replace")


def _sent_key(headers: Headers) -> str:
    if key := headers.get("X-Webhook-Key", "").strip():
        return key
    authorization = headers.get("Authorization", "").strip()
    scheme, _, rest = authorization.partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else authorization
