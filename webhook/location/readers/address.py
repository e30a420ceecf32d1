"""Splits typed addresses such as `R. das Araucárias nº 123 apto 4 trindade, Fpolis-SC` into parts. Pure.

An unclear part is left out rather than guessed: the customer is asked again. The blocks of Brasília and
other addresses without a street are not split.
"""

import re
import unicodedata

from webhook.location.address import Address, house_number
from webhook.location.words import SHORT_TYPES, STATES, STREET_TYPES, folded, state_of, whole

_LONGEST = 500
"""Characters. An address is never longer."""

_MARKS = str.maketrans(
    {**dict.fromkeys("º°ªᵒ", ""), **dict.fromkeys("–—−", "-"), "\n": ",", "|": ",", "’": "'"}
)
# Personal data and prices: none of it goes to a map.
_PERSONAL = re.compile(
    r"\S+@\S+|\b[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}\b|\(?\b[0-9]{2}\)?\s?9?[0-9]{4}[-\s][0-9]{4}\b"
    r"|\bcpf\b:?|R\$\s*[0-9.,]+|\b[0-9]+[.,][0-9]{2}\b|\b[0-9]+\s*(?:mega|mb|giga)\w*",
    re.I,
)
_NOT_ADDRESS = re.compile(r"[^\w\s.,;:/'-]|_")
_LABEL = re.compile(
    r"[\s,;]+(?=(?:bairro|cidade|munic[ií]pio|uf|estado|cep|n|nr|num|n[uú]mero|complemento)\s*:)", re.I
)

_POSTCODE = re.compile(
    r"(?:\bcep\b[:.\s]*)?(?<![0-9.,-])([0-9]{5}-\s?[0-9]{3}|[0-9]{2}\.[0-9]{3}-[0-9]{3})(?![0-9.,]?[0-9])"
    r"|\bcep\b\D{0,4}([0-9]{5}\s?[0-9]{3})(?![0-9.,]?[0-9])|^\W*([0-9]{8})(?![0-9.,]?[0-9])",
    re.I,
)
_NO_NUMBER = re.compile(r"[,\s]\s*(?:s\s?/\s?n[o.]?|sn|sem\s+n[uú]mero)\b", re.I)
_LABELLED = re.compile(r"(?:^|(?<=[,\s]))(?:n[uú]mero|num|nro|nr|no|n)[.:\s]*(?=[0-9])", re.I)
# Flat, block, floor and the like, which no map knows. Short words count only with a value: AP is a state.
_INSIDE = re.compile(
    r"(?:^|(?<=[,\s-]))(?:[0-9]{1,2}\s?o?\s+andar\b"
    r"|(?:apto?|ap|bl|sl|lj|tr|qd|lt|km|cs)\b[.:\s-]*(?:n[o.]*\s*)?(?:[0-9]{1,5}\s?[a-z]?|[a-z])\b"
    r"|(?:apartamento|bloco|fundos|fds|sala|loja|torre|andar|quadra|lote|casa|unidade|complemento)\b[.:\s-]*"
    r"(?:n[o.]*\s*)?(?:[0-9]{1,5}\s?[a-z]?\b|[a-z]\b)?)",
    re.I,
)
_CASA = re.compile(r"\b(?:casa|cs)\b[.:\s-]*([0-9]{1,5}[a-z]?)\b", re.I)
# Landmarks, and words that belong to the chat.
_NEAR = re.compile(
    r"(?<=[,\s-])(?:perto|pr[oó]xim[oa]|prox|ao lado|em frente|esquina|atr[aá]s|port[aã]o azul"
    r"|ponto de ref\w*|refer[eê]ncia|edif[ií]cio|ed\b\.|condom[ií]nio|cond\b\."
    r"|casa (?:d[aeo]s?|amarela|azul|verde|branca|rosa|vermelha|cinza|marrom|laranja)"
    r"|obrigad[oa]|por favor|pfv|pf|vlw|valeu|qual|quanto|quero|tem)\b[^,;]*",
    re.I,
)
_GREETING = re.compile(
    r"^(?:(?:oi|ol[aá]|bom dia|boa tarde|boa noite|eu|moro|morar|fica|é|e|aqui|na|no|em|meu|minha|endere[cç]o"
    r"|localiza[cç][aã]o|segue|para|instala[cç][aã]o|o|a|quero|internet)\b[\s,:.-]*)+",
    re.I,
)
# Words of a chat that are in no street's name.
_CHAT = {
    "minha", "meu", "eu", "tenho", "tem", "pago", "quero", "nao", "sim", "qual", "quanto", "quando", "como",
    "senha", "numero", "telefone", "zap", "whatsapp", "cpf", "reais", "mes", "anos", "pessoas", "filhos",
}  # fmt: skip
_BETWEEN_PARTS = re.compile(r"[,;]|\s-+\s|\s-|-\s")
_ROAD = re.compile(r"[a-z]{2}[-\s]?[0-9]{3}\b", re.I)  # BR-101, SC 401
_A_NUMBER = re.compile(r"(?:[0-9]{1,2}\.[0-9]{3}|[0-9]{1,5})(?:-?[a-z])?", re.I)
_BEGINS_WITH_NUMBER = re.compile(rf"({_A_NUMBER.pattern})(?:/[0-9]+)?(?![0-9a-z/])\s*(.*)", re.I)
_STATE_AT_END = re.compile(rf"(?:^|[\s/,-])({'|'.join(STATES.values())})\s*$", re.I)
_DISTRICT_LABEL = re.compile(r"^(?:no\s+)?bairro\b[:.\s]*|^distrito\b[:.\s]*", re.I)
_CITY_LABEL = re.compile(r"^(?:cidade|munic[ií]pio)\b(?:\s+de\b)?[:.\s]*", re.I)
_STATE_LABEL = re.compile(r"^(?:uf|estado)\b(?:\s+de\b)?[:.\s]*", re.I)


def postcode(text: str) -> str:
    """The eight digits of a text's CEP; empty if there is none or more than one."""
    postcodes = {re.sub(r"[^0-9]", "", "".join(match.groups(""))) for match in _POSTCODE.finditer(text)}
    return postcodes.pop() if len(postcodes) == 1 else ""


def first_number(text: str) -> str:
    """The house number in a field of its own: `nº 552 apto 3` is 552."""
    match = re.search(r"[0-9]{1,2}\.[0-9]{3}\b|[0-9]{1,5}[a-z]?\b", _LABELLED.sub("", text), re.I)
    return house_number(match[0]) if match else ""


def town(text: str) -> tuple[str, str]:
    """City and state in a field that may have both: `Florianópolis/SC`."""
    parts = [piece.strip(" .-/") for piece in re.split(r"[,/]|\s-\s", text) if piece.strip(" .-/")]
    _, city, state = _town(parts)
    return whole(city or " ".join(parts[:1])), state


def parse(text: str) -> Address:
    """The parts of an address as people type it. What cannot be split stays in the district."""
    line = _PERSONAL.sub(" ", unicodedata.normalize("NFKC", text.translate(_MARKS))[:_LONGEST])
    cep = postcode(line)
    line = " ".join(_NOT_ADDRESS.sub(" ", _POSTCODE.sub(",", line)).split())
    before, line = _from_the_street(_LABEL.sub(", ", line))
    line, numbered_house = _without_inside(line)
    line, none = _NO_NUMBER.subn(", ", line)
    street, number, rest = _street(_parts(_LABELLED.sub(", ", line)))
    if cep and not _is_named(street):
        # The CEP already tells the street, so of the words around it only a clear house number counts.
        number, street, rest, before = _beside_postcode(text), "", [], []
    elif not number and not none:
        number = numbered_house
    district, city, state = _town([*rest, *before])
    return Address(street, house_number(number), whole(district), whole(city), state, cep)


def is_address(address: Address, text: str) -> bool:
    """Whether a text is enough of an address to ask a map for it: chat goes to no map."""
    if address.postcode or _is_named(address.street):
        return True
    words = set(folded(address.street).split())
    return bool(re.search(r"[^\W\d_]{3}", text) and (address.number or address.state)) and not words & _CHAT


def _parts(line: str) -> list[str]:
    parts = (part.strip(" .-/:'") for part in _BETWEEN_PARTS.split(line))
    return [part for part in parts if part]


def _from_the_street(line: str) -> tuple[list[str], str]:
    """The parts before the street, which may be its town; and the rest, with the street type written out.

    If a message has two streets the rest is empty: nobody can tell which is meant.
    """
    line = _GREETING.sub("", line) or line
    starts = [match for match in re.finditer(r"[^\W\d_]+", line) if _begins_street(match, line)]
    if not starts:
        return [], line
    first, others = starts[0], [other for other in starts[1:] if folded(other[0]) not in SHORT_TYPES]
    if any(re.search(r"[0-9]", line[first.end() : other.start()]) for other in others):
        return [], ""
    before = _GREETING.sub("", re.sub(r"\b(?:na|no|em|à|a|,)\s*$", "", line[: first.start()].strip(" ,:.-")))
    after = line[first.end() :].lstrip(" .:")
    return _parts(_NEAR.sub(" ", f" {before}")), f"{STREET_TYPES[folded(first[0])]} {after}"


def _begins_street(match: re.Match[str], line: str) -> bool:
    kind, after = folded(match[0]), line[match.end() :]
    sure = kind not in SHORT_TYPES or not match.start() or after[:1] == "." or match[0].isupper()
    return kind in STREET_TYPES and sure and bool(after.strip(" ,.:"))


def _without_inside(line: str) -> tuple[str, str]:
    """The line without flat, block and landmarks; and the number of a `casa`, which may be the house's.

    Such words may be part of a street's name, so nothing is removed before the first number.
    """
    named = _is_named(line)
    head = re.match(r"\D*[0-9]+(?:\.[0-9]{3})?\w*", line) if named else None
    end = head.end() if head else (line + ",").index(",") if named else 0
    street, tail = line[:end], line[end:]
    house = _CASA.search(line)
    if head and (ends := re.search(r"\s(?:casa|cs)\s+[0-9]+\w*$", street, re.I)):
        street = street[: ends.start()]
    for pattern in (_NEAR, _INSIDE):
        tail = pattern.sub(", ", f" {tail}")
    return street + tail, house[1] if house else ""


def _beside_postcode(text: str) -> str:
    """The number in `88040-104, 450`, or one with a label."""
    line = _INSIDE.sub(
        " ", " ".join(unicodedata.normalize("NFKC", text.translate(_MARKS)).split())[:_LONGEST]
    )
    around = _POSTCODE.sub(",", line)
    if match := re.search(r"\b(?:n[uú]mero|num|nro|nr|n)[.:\s]*([0-9]{1,5}[a-z]?)\b", around, re.I):
        return match[1]
    if match := re.fullmatch(rf"[\W]*({_A_NUMBER.pattern})[\W]*", around, re.I):
        return match[1]
    return house[1] if (house := _CASA.search(" ".join(text.split()))) else ""


def _is_named(street: str) -> bool:
    return folded(street).split(" ")[0] in STREET_TYPES or bool(_ROAD.match(street))


def _street(parts: list[str]) -> tuple[str, str, list[str]]:
    """Street, number, and the parts after them."""
    if not parts:
        return "", "", []
    words, rest = whole(parts[0]).split(), parts[1:]
    # "Rua 2300" is a name, and "Rua 13 de Maio" too.
    for place in range(2 if words[0] in STREET_TYPES.values() else 1, len(words)):
        word, following = words[place].partition("/")[0], words[place + 1 : place + 2]
        is_road = re.fullmatch("[A-Za-z]{2}", words[place - 1]) and len(word) == 3
        # "Alto km 12" is a place on a road.
        if words[place - 1].lower() == "km":
            return " ".join(words[: place - 1]), "", [p for p in (" ".join(words[place + 1 :]), *rest) if p]
        if not _A_NUMBER.fullmatch(word) or following == ["de"] or is_road:
            continue
        if following and _A_NUMBER.fullmatch(following[0]):
            continue
        letter = [sign for sign in following if len(sign) == 1 and sign.isupper()]
        after = " ".join(words[place + 1 + len(letter) :])
        return " ".join(words[:place]), " ".join([word, *letter]), [p for p in (after, *rest) if p]
    if rest and (match := _BEGINS_WITH_NUMBER.fullmatch(rest[0])):
        number, after = match[1], match[2]
        if re.fullmatch("[A-Z]", after):
            number, after = f"{number}{after}", ""
        return " ".join(words), number, [part for part in (after, *rest[1:]) if part]
    return " ".join(words), "", rest


def _state(parts: list[str]) -> tuple[list[str], str, str]:
    """The parts without a state at their end, the city that the state's name may mean, and the state."""
    if not parts:
        return [], "", ""
    *others, last = parts
    if state := state_of(last):
        # Two states have the name of their capital, and people mean the city.
        return others, last if folded(last) in {"sao paulo", "rio de janeiro"} else "", state
    if match := _STATE_AT_END.search(last):
        return [*others, last[: match.start()].strip(" -/.")], "", match[1].upper()
    return parts, "", ""


def _town(parts: list[str]) -> tuple[str, str, str]:
    """District, city and state from the parts after the street."""
    parts = [_STATE_LABEL.sub("", part) for part in parts if folded(part) not in {"brasil", "brazil"}]
    parts = [part for part in parts if part and not re.fullmatch(r"[\W\d]+", part)]
    parts, city, state = _state(parts)
    labelled = [part for part in parts if _CITY_LABEL.match(part)]
    for part in labelled:
        parts.remove(part)
        city = _CITY_LABEL.sub("", part)
    # A single name without a state may as well be a district.
    if parts and not city and (state or len(parts) > 1):
        city = parts.pop()
    district = ", ".join(_DISTRICT_LABEL.sub("", part) for part in parts)
    return district, city, state
