"""The chatbot platforms that call this service. Only what differs between them lives here.

docs/adding-a-platform.md says how to add one. `notices` and everything above it may import this package.
"""

from webhook.platforms import fivehub
from webhook.platforms.base import Platform
from webhook.platforms.huggy.platform import PLATFORM as HUGGY
from webhook.platforms.typebot.platform import PLATFORM as TYPEBOT

PLATFORMS: dict[str, Platform] = {platform.name: platform for platform in (HUGGY, fivehub.PLATFORM, TYPEBOT)}
