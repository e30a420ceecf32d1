"""Typebot: by radius, replies typed, and a loop that it imports. Untried on its cloud and on WhatsApp."""

from schemas.fields import Mode
from schemas.styles import typed
from webhook.platforms.base import LoopFile, Platform
from webhook.platforms.typebot import check, loop
from webhook.platforms.typebot.markdown import plain

PLATFORM = Platform(
    name="typebot",
    brand="Typebot",
    mode=Mode.RADIUS,
    styles={"typed": typed},
    actions_note="Os blocos do fluxo vêm prontos no arquivo.",
    conversation="contratacao",
    test_channel="a prévia do editor",
    written=plain,
    loop=LoopFile(loop.make, check.problems),
)
