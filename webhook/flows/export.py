"""A flow for a provider: its definition with the service's own address in place of the placeholder.

The flow's key stays a placeholder, so that it is never in a file.
"""

from webhook.flows.check import PUBLIC_URL
from webhook.flows.loading import folder
from webhook.platforms import PLATFORMS


class NoSuchFlow(Exception):
    """The platform has no flow with this name; the text says so to an operator."""


def definition(platform: str, name: str, public_url: str) -> str:
    """The text of the flow's file with `public_url` in it. Raises NoSuchFlow."""
    # The name is compared with existing files and never becomes part of a path: it may come from a URL.
    files = {path.stem: path for path in folder(platform).glob("*.json")} if platform in PLATFORMS else {}
    if name not in files:
        raise NoSuchFlow(f"no flow {name} of {platform}: see flows list")
    return files[name].read_text(encoding="utf-8").replace(PUBLIC_URL, public_url)
