"""The OZmap accounts of all tenants, for as long as the process lives."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from schemas.tenants import Tenant
from webhook.net.breaker import Breaker
from webhook.ozmap.api import OzmapAccount
from webhook.ozmap.client import OzmapClient


def accounts_of(tenants: Iterable[Tenant]) -> Mapping[str, OzmapAccount]:
    """Accounts by tenant slug. Tenants of one host share a breaker: a host that is down is down for all.

    Background lookups get their own breaker: a host that needs five seconds is too slow for a reply but fine
    for them.
    """
    breakers: defaultdict[tuple[str, str], Breaker] = defaultdict(Breaker)

    def client(tenant: Tenant, who: str) -> OzmapClient:
        return OzmapClient(tenant, breakers[who, urlsplit(tenant.ozmap_url).netloc])

    return {
        tenant.slug: OzmapAccount(client(tenant, "flows"), client(tenant, "background")) for tenant in tenants
    }
