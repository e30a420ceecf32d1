"""Every tenant's OZmap, for as long as the process lives."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from schemas.tenants import Tenant
from webhook.ozmap.api import OzmapAccount
from webhook.ozmap.breaker import Breaker
from webhook.ozmap.client import OzmapClient


def accounts_of(tenants: Iterable[Tenant]) -> Mapping[str, OzmapAccount]:
    """By slug. A host that is down is down for all of its tenants: they share a breaker."""
    breakers: defaultdict[str, Breaker] = defaultdict(Breaker)
    return {
        tenant.slug: OzmapAccount(OzmapClient(tenant, breakers[urlsplit(tenant.ozmap_url).netloc]))
        for tenant in tenants
    }
