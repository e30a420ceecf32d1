"""Splits typed addresses such as `R. das Araucárias nº 123 apto 4 trindade, Fpolis-SC` into parts. Pure.

An unclear part is left out rather than guessed: the customer is asked again.
"""

import re
import unicodedata

from webhook.location.address import Address, house_number
from webhook.location.readers import complement, towns
from webhook.location.words import (
    SHORT_TYPES,
    STATES,
    STREET_TYPES,
    begins_with_sector,
    folded,
    from_sector,
    whole,
    without_range,
)

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
_CLEAR_NUMBER = re.compile(r"\b(?:n[uú]mero|num|nro|nr|n)[.:\s]*([0-9]{1,5}[a-z]?)\b", re.I)
_NO_NUMBER = re.compile(r"[,\s]\s*(?:s\s?/\s?n[o.]?|sn|sem\s+n[uú]mero)\b", re.I)
_LABELLED = re.compile(r"(?:^|(?<=[,\s]))(?:n[uú]mero|num|nro|nr|no|n)[.:\s]*(?=[0-9])", re.I)
_GREETING = re.compile(
    r"^(?:(?:oi|ol[aá]|bom dia|boa tarde|boa noite|eu|moro|morar|fica|é|e|aqui|na|no|em|meu|minha|endere[cç]o"
    r"|localiza[cç][aã]o|segue|para|instala[cç][aã]o|o|a|quero|internet|sou|de|n[uú]mero)\b[\s,:.-]*)+",
    re.I,
)
# Words of a chat that are in no street's name.
_CHAT = {
    "minha", "meu", "eu", "tenho", "tem", "pago", "quero", "nao", "sim", "qual", "quanto", "quando", "como",
    "senha", "numero", "telefone", "zap", "whatsapp", "cpf", "reais", "mes", "anos", "pessoas", "filhos",
    "internet", "fibra", "wifi", "plano", "planos", "preco", "valor", "boleto", "fatura", "vendas", "serio",
    "financeiro", "suporte", "atendente", "atendimento", "cancelar", "contratar", "saber", "nome", "chamo",
}  # fmt: skip
_BETWEEN_PARTS = re.compile(r"[,;]|\s-+\s|\s-|-\s")
_ROAD = re.compile(r"[a-z]{2}[-\s]?[0-9]{3}\b", re.I)  # BR-101, SC 401
_ROADS = {"BR", *STATES.values()}
_A_NUMBER = re.compile(r"(?:[0-9]{1,2}\.[0-9]{3}|[0-9]{1,5})(?:-?[a-z])?", re.I)
_BEGINS_WITH_NUMBER = re.compile(rf"({_A_NUMBER.pattern})(?:/[0-9]+)?(?![0-9a-z/]|[.-][0-9])\s*(.*)", re.I)


def postcode(text: str) -> str:
    """The eight digits of a text's CEP; empty if there is none or more than one."""
    postcodes = {re.sub(r"[^0-9]", "", "".join(match.groups(""))) for match in _POSTCODE.finditer(text)}
    return postcodes.pop() if len(postcodes) == 1 else ""


def number_alone(text: str, beside: str = "") -> str:
    """The house number in a field of its own: `nº 552 apto 3` is 552, and `Qd 5 Lt 12` is none.

    `beside` is the rest of the address: if that names a lot, a `casa` in the field is one of several there.
    """
    if not text:
        return ""
    whole_address = parse(text)
    if _is_named(whole_address.street):
        return whole_address.number
    return parse(f"Rua X, {_GREETING.sub('', text)}", in_plot=complement.has_plot(beside)).number


def parse(text: str, *, in_plot: bool = False) -> Address:
    """The parts of an address as people type it. What cannot be split stays in the district.

    A text that is only a district or town has no street. `in_plot`: the house is known to stand in a lot.
    """
    if not text:
        return Address()
    line = _PERSONAL.sub(" ", unicodedata.normalize("NFKC", text[:_LONGEST].translate(_MARKS))[:_LONGEST])
    cep = postcode(line)
    line = without_range(" ".join(_NOT_ADDRESS.sub(" ", _POSTCODE.sub(",", line)).split()))
    in_plot = in_plot or complement.has_plot(line)
    numbered_house = complement.house(line)
    before, line = _from_the_street(_LABEL.sub(", ", line))
    if in_plot or begins_with_sector(line):
        numbered_house = ""
    line = complement.removed(line, named=_is_named(line))
    line, none = _NO_NUMBER.subn(", ", line)
    street, number, rest = _street(_parts(_LABELLED.sub(", ", line)), in_plot)
    if cep and not _is_named(street):
        # The CEP already tells the street, so of the words around it only a clear house number counts.
        number, street, rest, before = _beside_postcode(text), "", [], []
    elif not number and not none and not begins_with_sector(street):
        number = clear[1] if (clear := _CLEAR_NUMBER.search(line)) else numbered_house
    # The quadra before a street is its district; a name there is more likely the town.
    in_front = [part for part in before if re.search(r"[0-9]", part)]
    behind = [*rest, *(part for part in before if part not in in_front)]
    has_street = number or cep or _is_named(street)
    if not has_street and (area := towns.area([*in_front, street, *behind])):
        return area
    district, city, state = towns.split([*in_front, *behind])
    return Address(street, house_number(number), whole(district), whole(city), state, cep)


def is_address(address: Address, text: str) -> bool:
    """Whether a text is enough of an address to ask a map for it: chat goes to no map.

    Without a street, `parse` has found the name of a town or district.
    """
    if address.postcode or _is_named(address.street):
        return True
    if not re.search(r"[^\W\d_]{3}", text) or {*folded(address.query()).split()} & _CHAT:
        return False
    if not address.street:
        return bool(address.district or address.city)
    return bool(address.number or address.state)


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
        before, line = from_sector(line)
        return _parts(before), line
    first, others = starts[0], [other for other in starts[1:] if folded(other[0]) not in SHORT_TYPES]
    if any(re.search(r"[0-9]", line[first.end() : other.start()]) for other in others):
        return [], ""
    before = _GREETING.sub("", re.sub(r"\b(?:na|no|em|à|a|,)\s*$", "", line[: first.start()].strip(" ,:.-")))
    before = complement.removed_everywhere(complement.NEAR.sub(" ", f" {before}"))
    return _parts(before), f"{STREET_TYPES[folded(first[0])]} {line[first.end() :].lstrip(' .:')}"


def _begins_street(match: re.Match[str], line: str) -> bool:
    kind, after = folded(match[0]), line[match.end() :]
    sure = kind not in SHORT_TYPES or not match.start() or after[:1] == "." or match[0].isupper()
    return kind in STREET_TYPES and sure and bool(after.strip(" ,.:"))


def _beside_postcode(text: str) -> str:
    """The number in `88040-104, 450`, or one with a label."""
    line = " ".join(unicodedata.normalize("NFKC", text.translate(_MARKS)).split())[:_LONGEST]
    around = _POSTCODE.sub(",", complement.removed_everywhere(line))
    if match := _CLEAR_NUMBER.search(around):
        return match[1]
    if match := re.fullmatch(rf"[\W]*({_A_NUMBER.pattern})[\W]*", around, re.I):
        return match[1]
    return "" if complement.has_plot(line) else complement.house(line)


def _is_named(street: str) -> bool:
    first = folded(street).split(" ")[0]
    return first in STREET_TYPES or bool(_ROAD.match(street)) or begins_with_sector(street)


def _street(parts: list[str], in_plot: bool) -> tuple[str, str, list[str]]:
    """Street, number, and the parts after them."""
    if not parts:
        return "", "", []
    words, rest = whole(parts[0]).split(), parts[1:]
    if begins_with_sector(parts[0]):
        return " ".join(words), "", rest
    # "Rua 2300" is a name, and "Rua 13 de Maio" too.
    first = 2 if words[0] in STREET_TYPES.values() else 1
    another = in_plot or bool(rest and _BEGINS_WITH_NUMBER.fullmatch(rest[0]))
    for place in range(first, len(words)):
        word, following = words[place].partition("/")[0], words[place + 1 : place + 2]
        is_road = words[place - 1].upper() in _ROADS and len(word) == 3
        if not _A_NUMBER.fullmatch(word) or following == ["de"] or is_road:
            continue
        if following and _A_NUMBER.fullmatch(following[0]):
            continue
        if place == first and _is_in_name(words[place - 1], another):
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


def _is_in_name(word: str, another: bool) -> bool:
    """Whether a number behind the street's type and this word belongs to the name, or may: "Rua Torre 5".

    "Rua T 37, 2587" is Goiânia's Rua T-37; so is "Rua T 37, Quadra 5", where nothing else is a house number.
    """
    return another if word.isalpha() and len(word) <= 2 else complement.is_word(word)
