"""Huggy: by pole, as OZmap's own integration with it; replies in text only."""

from schemas.fields import Mode
from schemas.huggy import STYLES
from webhook.platforms.base import Platform

PLATFORM = Platform(name="huggy", mode=Mode.POLE, styles=STYLES)
