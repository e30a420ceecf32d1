"""The chatbot platforms that call this service: what differs between them, and nothing else.

docs/adding-a-platform.md says how to add one.
"""

from webhook.platforms import fivehub
from webhook.platforms.base import Platform
from webhook.platforms.huggy import platform as huggy

PLATFORMS: dict[str, Platform] = {platform.name: platform for platform in (huggy.PLATFORM, fivehub.PLATFORM)}
