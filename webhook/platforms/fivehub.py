"""5Hub: by radius, as OZmap's own integration with it; replies typed.

What its HTTP action makes of `true` and `null` is unknown, and untried on a live account. With
FIVEHUB_VALUES=text it gets text only, like Huggy.
"""

from schemas.fields import Mode
from schemas.styles import as_text, typed
from webhook.platforms.base import Platform

PLATFORM = Platform(
    name="fivehub",
    brand="5Hub",
    mode=Mode.RADIUS,
    styles={"typed": typed, "text": as_text},
    actions_note="Como o 5Hub chama as suas ações não está documentado publicamente; os nomes abaixo são os"
    " do Huggy. Procure os equivalentes.",
    conversation="contratacao",
    test_channel="um canal de teste",
)
