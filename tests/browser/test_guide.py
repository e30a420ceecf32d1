"""The guide of the loop on paper: one A4 page that can be read."""

import re

import pytest
from playwright.sync_api import Browser

from flowkit import guide
from webhook.flows import export
from webhook.platforms import PLATFORMS

LONG_URL = "https://webhook-chatbot.provedor-de-internet.example/ozmap"
A4 = (595, 842)
"""Points, rounded."""
SMALLEST_PT = 10
PX_PER_PT = 96 / 72
FONT_SIZES = """
() => [...document.querySelectorAll("body *")]
    .filter(one => [...one.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim()))
    .map(one => parseFloat(getComputedStyle(one).fontSize))
"""


@pytest.mark.parametrize("platform", [name for name, one in PLATFORMS.items() if one.loop is None])
def test_the_loop_is_built_from_one_printed_page(chromium: Browser, platform: str):
    page = chromium.new_page()
    page.set_content(guide.page(platform, export.LOOP, LONG_URL))
    # Paper size and margins are the document's own, as in a browser's print dialogue.
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    (box,) = set(re.findall(rb"/MediaBox\s*\[([^]]+)\]", pdf))
    assert tuple(round(float(one)) for one in box.split())[2:] == A4
    page.emulate_media(media="print")
    sizes = page.evaluate(FONT_SIZES)
    assert len(sizes) > 50
    assert min(sizes) >= SMALLEST_PT * PX_PER_PT - 0.01
    page.close()
