"""Every tenant's OZmap, for as long as the process lives."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from schemas.tenants import Tenant
from webhook.net.breaker import Breaker
from webhook.ozmap.api import OzmapAccount
from webhook.ozmap.client import OzmapClient


def accounts_of(tenants: Iterable[Tenant]) -> Mapping[str, OzmapAccount]:
    """By slug. A host that is down is down for all of its tenants: they share a breaker.

    The patient have one of their own: a host that takes five seconds is down for a flow, and not for them.
    """
    breakers: defaultdict[tuple[str, str], Breaker] = defaultdict(Breaker)

    def client(tenant: Tenant, who: str) -> OzmapClient:
        return OzmapClient(tenant, breakers[who, urlsplit(tenant.ozmap_url).netloc])

    return {
        tenant.slug: OzmapAccount(client(tenant, "flows"), client(tenant, "patient")) for tenant in tenants
    }
