"""One OzmapAccount per tenant, for the lifetime of the process."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from schemas.tenants import Tenant
from webhook.net.breaker import Breaker
from webhook.net.reads import AT_ONCE, Reads
from webhook.ozmap.api import OzmapAccount
from webhook.ozmap.client import OzmapClient


def accounts_of(tenants: Iterable[Tenant], at_once: int = AT_ONCE) -> Mapping[str, OzmapAccount]:
    """Accounts by tenant slug, each with `at_once` reads in flight. Tenants on a host share its breakers.

    Background lookups get their own breaker: a host that needs five seconds is too slow for a reply but fine
    for them.
    """
    breakers: defaultdict[tuple[str, str], Breaker] = defaultdict(Breaker)

    def client(tenant: Tenant, use: str) -> OzmapClient:
        return OzmapClient(tenant, breakers[use, urlsplit(tenant.ozmap_url).netloc])

    return {
        tenant.slug: OzmapAccount(client(tenant, "reply"), client(tenant, "background"), Reads(at_once))
        for tenant in tenants
    }
