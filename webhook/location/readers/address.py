"""Typed addresses: from `R. das Araucárias nº 123 apto 4 trindade, Fpolis-SC` to their parts. Pure."""

import re
import unicodedata

from webhook.location.address import Address, house_number
from webhook.location.words import SHORT_TYPES, STATES, STREET_TYPES, folded, state_of, whole

_MARKS = str.maketrans(
    {**dict.fromkeys("º°ªᵒ", ""), **dict.fromkeys("–—−", "-"), "\n": ",", "|": ",", "’": "'"}
)
_MONEY = re.compile(r"R\$\s*[0-9.,]+|\b[0-9]+[.,][0-9]{2}\b", re.I)
_NOT_ADDRESS = re.compile(r"[^\w\s.,;:/'-]|_")

_POSTCODE = re.compile(
    r"(?:\bcep\b[:.\s]*)?(?<![0-9.,-])([0-9]{5}-?\s?[0-9]{3}|[0-9]{2}\.[0-9]{3}-[0-9]{3})(?![0-9.,]?[0-9])",
    re.I,
)
_NO_NUMBER = re.compile(r"[,\s]\s*(?:s\s?/\s?n[o.]?|sn|sem\s+n[uú]mero)\b", re.I)
_LABELLED = re.compile(r"(?:^|(?<=[,\s]))(?:n|no|nr|nro|num|n[uú]mero)\b[.:\s]*(?=[0-9])", re.I)
# What stands behind the number and says where inside: no map knows it. The short words mean it only with a
# value: AP is a state as well.
_INSIDE = re.compile(
    r"(?:^|(?<=[,\s-]))(?:(?:apto?|ap|bl|sl|lj|tr|qd|lt|km|cs)\b[.:\s-]*(?:[0-9]{1,5}\s?[a-z]?|[a-z])\b"
    r"|(?:apartamento|bloco|fundos|fds|sala|loja|torre|andar|quadra|lote|casa|unidade)\b[.:\s-]*"
    r"(?:[0-9]{1,5}\s?[a-z]?\b|[a-z]\b)?)",
    re.I,
)
_CASA = re.compile(r"\b(?:casa|cs)\b[.:\s-]*([0-9]{1,5}\s?[a-z]?)\b", re.I)
# And what only a neighbour knows.
_NEAR = re.compile(
    r"(?<=[,\s-])(?:perto|pr[oó]xim[oa]|prox|ao lado|em frente|esquina|atr[aá]s|port[aã]o|ponto de ref\w*"
    r"|refer[eê]ncia|edif[ií]cio|ed\b\.|condom[ií]nio|cond\b\."
    r"|casa (?:d[aeo]s?|amarela|azul|verde|branca|rosa|vermelha|cinza|marrom|laranja))\b[^,;]*",
    re.I,
)
_GREETING = re.compile(
    r"^(?:(?:oi|ol[aá]|bom dia|boa tarde|boa noite|eu|moro|morar|fica|é|e|aqui|na|no|em|meu|minha|endere[cç]o"
    r"|localiza[cç][aã]o|segue|para|instala[cç][aã]o|o|a|quero|internet)\b[\s,:.-]*)+",
    re.I,
)
_BETWEEN_PARTS = re.compile(r"[,;]|\s-+\s|\s-|-\s")
_ROAD = re.compile(r"[a-z]{2}[-\s]?[0-9]{3}\b", re.I)  # BR-101, SC 401
_NUMBER = r"(?:[0-9]{1,2}\.[0-9]{3}|[0-9]{1,5})(?:\s?-?\s?[a-z])?"
_A_NUMBER = re.compile(_NUMBER, re.I)
_BEGINS_WITH_NUMBER = re.compile(rf"({_NUMBER})(?![0-9a-z])\s*(.*)", re.I)
_STATE_AT_END = re.compile(rf"(?:^|[\s/,-])({'|'.join(STATES.values())})\s*$", re.I)
_DISTRICT_LABEL = re.compile(r"^(?:no\s+)?bairro\b[:.\s]*|^distrito\b[:.\s]*", re.I)
_CITY_LABEL = re.compile(r"^(?:cidade|munic[ií]pio)\b(?:\s+de\b)?[:.\s]*", re.I)


def postcode(text: str) -> str:
    """The eight digits of the first CEP of a text; empty without one."""
    found = _POSTCODE.search(text)
    return re.sub(r"[^0-9]", "", found[1]) if found else ""


def parse(text: str) -> Address:
    """The parts of an address as people type it. What cannot be told apart stays in the district."""
    line = unicodedata.normalize("NFKC", text.translate(_MARKS))
    cep = postcode(line)
    line = " ".join(_NOT_ADDRESS.sub(" ", _MONEY.sub(" ", _POSTCODE.sub(",", line))).split())
    line = _from_the_street(_NEAR.sub(", ", f" {line}").strip(" ,"))
    numbered_house = _CASA.search(line)
    line, none = _NO_NUMBER.subn(", ", _INSIDE.sub(", ", line))
    pieces = (piece.strip(" .-/:'") for piece in _BETWEEN_PARTS.split(_LABELLED.sub(", ", line)))
    street, number, rest = _street([piece for piece in pieces if piece])
    if cep and not _is_named(street):  # only words around a CEP, which tells the street itself
        number, street, rest = number or _first_number(f"{street} {' '.join(rest)}"), "", []
    if not number and not none and numbered_house:
        number = numbered_house[1]
    district, city, state = _town(rest)
    return Address(street, house_number(number), whole(district), whole(city), state, cep)


def is_told(address: Address, text: str) -> bool:
    """Whether a text is address enough to ask a map for it: chat goes to no map."""
    words = re.search(r"[^\W\d_]{3}", text)
    return bool(
        address.postcode or _is_named(address.street) or (words and (address.number or address.state))
    )


def _is_named(street: str) -> bool:
    return folded(street).split(" ")[0] in STREET_TYPES or bool(_ROAD.match(street))


def _first_number(words: str) -> str:
    return next((word for word in words.split() if _A_NUMBER.fullmatch(word)), "")


def _from_the_street(line: str) -> str:
    """Without what is said before the street; its type written out."""
    line = _GREETING.sub("", line) or line
    for match in re.finditer(r"[^\W\d_]+", line):
        kind, after = folded(match[0]), line[match.end() :]
        sure = kind not in SHORT_TYPES or not match.start() or after[:1] == "." or match[0].isupper()
        if kind in STREET_TYPES and sure and after.strip(" ,.:"):
            return f"{STREET_TYPES[kind]} {after.lstrip(' .:')}"
    return line


def _street(parts: list[str]) -> tuple[str, str, list[str]]:
    """Street, number, and what comes after them."""
    if not parts:
        return "", "", []
    street, rest = whole(parts[0]), parts[1:]
    if not re.search(r"[^\W\d_]{2}", street):  # behind a CEP the number is all there is
        return "", street, rest
    if rest and (found := _BEGINS_WITH_NUMBER.fullmatch(rest[0])):
        return street, found[1], [part for part in (found[2], *rest[1:]) if part]
    words = street.split()
    # "Rua 2300" is a name, and "Rua 13 de Maio" too.
    for place in range(2 if words[0] in STREET_TYPES.values() else 1, len(words)):
        if _A_NUMBER.fullmatch(words[place]) and words[place + 1 : place + 2] != ["de"]:
            letter = [word for word in words[place + 1 : place + 2] if len(word) == 1 and word.isupper()]
            after = " ".join(words[place + 1 + len(letter) :])
            number = " ".join([words[place], *letter])
            return " ".join(words[:place]), number, [part for part in (after, *rest) if part]
    return street, "", rest


def _town(parts: list[str]) -> tuple[str, str, str]:
    """District, city and state from what stands behind the street."""
    parts = [part for part in parts if folded(part) not in {"brasil", "brazil"}]
    state = city = ""
    if parts and (state := state_of(parts[-1])):
        # Two states are called like their capital, and people mean the town.
        city = name if folded(name := parts.pop()) in {"sao paulo", "rio de janeiro"} else ""
    elif parts and (found := _STATE_AT_END.search(parts[-1])):
        state = found[1].upper()
        parts[-1] = parts[-1][: found.start()].strip(" -/.")
    # A single name without a state is as likely a district.
    if parts and not city and (state or len(parts) > 1):
        city = parts.pop()
    for part in [part for part in parts if _CITY_LABEL.match(part)]:
        parts.remove(part)
        city = part
    district = ", ".join(_DISTRICT_LABEL.sub("", part) for part in parts)
    return district, _CITY_LABEL.sub("", city), state
