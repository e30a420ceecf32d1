"""5Hub: by radius, as OZmap's own integration with it; replies typed."""

from schemas.fields import Mode
from schemas.fivehub import STYLES
from webhook.platforms.base import Platform

PLATFORM = Platform(name="fivehub", mode=Mode.RADIUS, styles=STYLES)
