"""The district, city and state behind a street, or in place of one. Pure."""

import re

from webhook.location.address import Address
from webhook.location.words import STATES, folded, is_district, is_town, state_of, whole

# States that are words of the chat too: "gostaria de saber se".
_STATE_OR_WORD = {"se", "to", "pa", "ma", "pe", "al", "am", "es", "para"}
_STATE_AT_END = re.compile(rf"(?:^|[\s/,-])({'|'.join(STATES.values())})\s*$", re.I)
_LONGEST_NAME = 6
"""Words of a district or town."""
_DISTRICT_LABEL = re.compile(r"^(?:no\s+)?bairro\b[:.\s]*|^distrito\b[:.\s]*", re.I)
_CITY_LABEL = re.compile(r"^(?:cidade|munic[ií]pio)\b(?:\s+(?:de\b|é))?[:.\s]*", re.I)
_STATE_LABEL = re.compile(r"^(?:uf|estado)\b(?:\s+de\b)?[:.\s]*", re.I)


def of_field(text: str) -> tuple[str, str]:
    """City and state in a field that may have both: `Florianópolis/SC`."""
    parts = [piece.strip(" .-/") for piece in re.split(r"[,/]|\s-\s", text) if piece.strip(" .-/")]
    _, city, state = split(parts)
    return whole(city or " ".join(parts[:1])), state


def split(parts: list[str]) -> tuple[str, str, str]:
    """District, city and state from the parts after the street."""
    parts = [_STATE_LABEL.sub("", part) for part in parts if folded(part) not in {"brasil", "brazil"}]
    parts = [part for part in parts if part and not re.fullmatch(r"[\W\d]+", part)]
    state = city = ""
    if parts and _is_state(parts[-1], parts[-2:-1]) and (state := state_of(parts[-1])):
        # Two states have the name of their capital, and people mean the city.
        city = name if folded(name := parts.pop()) in {"sao paulo", "rio de janeiro"} else ""
    elif (
        parts
        and (match := _STATE_AT_END.search(parts[-1]))
        and _is_state(match[0].lstrip(), [parts[-1][: match.start()]])
    ):
        state = match[1].upper()
        parts[-1] = parts[-1][: match.start()].strip(" -/.")
    labelled = [part for part in parts if _CITY_LABEL.match(part)]
    for part in labelled:
        parts.remove(part)
        city = _CITY_LABEL.sub("", part)
    # A single name without a state may as well be a district.
    if parts and not city and (state or len(parts) > 1):
        city = parts.pop()
    district = ", ".join(_DISTRICT_LABEL.sub("", part) for part in parts)
    return district, city, state


def _is_state(text: str, before: list[str]) -> bool:
    """Whether a state's name or letters mean the state, and are no word of the chat."""
    return text not in _STATE_OR_WORD or any(is_town(name.strip(" -/.")) for name in before)


def area(parts: list[str]) -> Address | None:
    """The parts of a text without a street and house number as a district and town, None if they are neither.

    The last words of `quero internet em Palhoça` count alone.
    """
    district, city, state = split(parts)
    if len(parts) == 1 and not city and re.search(r"\bem\s", district):
        district, city, state = split(re.split(r"\bem\s", parts[0])[-1:])
    if any(len(name.split()) > _LONGEST_NAME for name in (district, city)):
        return None
    if is_town(city) or (not city and (is_town(district) or is_district(district))):
        return Address(district=whole(district), city=whole(city), state=state)
    if state and city:  # any name with its state
        return Address(district=", ".join(whole(name) for name in (district, city) if name), state=state)
    return None
