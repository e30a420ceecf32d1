"""Huggy: by pole, as OZmap's own integration with it; replies in text only."""

from schemas.fields import Mode
from schemas.huggy import STYLES
from webhook.platforms.base import Platform

PLATFORM = Platform(
    name="huggy",
    brand="Huggy",
    mode=Mode.POLE,
    styles=STYLES,
    actions_note="Os nomes das ações são os da ajuda do Huggy; o da que passa a conversa a uma pessoa"
    " varia por conta.",
    test_channel="uma Conversation Page",
)
