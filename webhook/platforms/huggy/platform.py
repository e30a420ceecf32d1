"""Huggy: by pole, as OZmap's own integration with it; replies in text only.

*Processar resposta* of the action *Enviar requisição* reads the first level of the reply. What it makes
of booleans, numbers and null is unknown, and untried on a live account, so none is sent.
"""

from schemas.fields import Mode
from schemas.styles import as_text, in_variables
from webhook.platforms.base import Platform
from webhook.platforms.huggy.notifier import HuggyNotifier

PLATFORM = Platform(
    name="huggy",
    brand="Huggy",
    mode=Mode.POLE,
    styles={"text": as_text, "variables": in_variables},
    actions_note="Os nomes das ações são os da ajuda do Huggy; o da que passa a conversa a uma pessoa"
    " varia por conta.",
    conversation="viabilidade",
    test_channel="uma Conversation Page",
    notifier=HuggyNotifier,
)
