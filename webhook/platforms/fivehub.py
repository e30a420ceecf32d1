"""5Hub: by radius, as OZmap's own integration with it; replies typed."""

from schemas.fields import Mode
from schemas.fivehub import STYLES
from webhook.platforms.base import Platform

PLATFORM = Platform(
    name="fivehub",
    brand="5Hub",
    mode=Mode.RADIUS,
    styles=STYLES,
    actions_note="Como o 5Hub chama as suas ações não está documentado publicamente; os nomes abaixo são os"
    " do Huggy. Procure os equivalentes.",
    test_channel="um canal de teste",
)
