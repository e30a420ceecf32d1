"""What a Brazilian address says beside its house: flat, block, lot, kilometre, landmarks. Pure.

A number belongs to the word before it, so none of these is the house's; and a `casa` in a lot is one of
several there. Abbreviations: github.com/ipea/enderecobr (R/padronizar_complementos.R).
"""

import re

from webhook.location.words import STREET_TYPES, begins_with_sector, folded

# Where one of these has a number, a `casa` is one of the houses in it.
_PLOTS = (
    "quadras?|qda?|qdra|q|lotes?|lt|l|conjunto|conj|cj|bloco|bl|modulo|módulo|mod|ch[aá]cara|chac|ch|gleba|gl"
)
_OTHERS = (
    "apartamento|apart|apto?|ap|sala|sl|loja|lj|torre|tr|andar|pavimento|pav|piso|box|unidade|un|galp[aã]o"
    "|sobrado|kitnet|kit|entrada|escada|pr[eé]dio|postal"
)
_LETTER = r"[a-z]-?[0-9]{1,3}\b|(?:(?-i:[A-Z])|[b-df-np-z])(?![a-z0-9])"
_NUMBER = r"[0-9]{1,5}(?:\.[0-9]{3})?(?:-?[a-z]\b|\s(?-i:[A-DF-Z])\b(?![.:\s]{0,3}[0-9]))?(?![0-9a-z])"
_VALUE = rf"(?:{_NUMBER}|{_LETTER})(?:\s?[/-]\s?(?:{_NUMBER}|{_LETTER})|\s(?:e|ao?)\s{_NUMBER})*"
_NAMES = r"(?!\s*(?:norte|sul|leste|oeste)\b)"  # Quadra 305 Norte is a part of Palmas


def _with_value(words: str, initials: str) -> str:
    """A pattern of the words with the number or letter that each has."""
    # Most words are none of these, which their first letter and what follows them shows at once.
    at_once = rf"(?=[{initials}][a-záãéóô]{{0,10}}\W{{0,5}}(?:n|[a-z]?-?[0-9]|[a-z]\b))"
    label = r"(?:n[ro.]{0,2}[.:\s]{0,3}|, n[ro.]{0,2}\s?:\s?)?"
    return (
        rf"\b{at_once}(?:{words})(?![a-z])[.:\s-]{{0,4}}{label}(?:{_VALUE}|(?<=[ltda][ .:])[a-z]\b){_NAMES}"
    )


_PLOT = re.compile(_with_value(_PLOTS, "bcglmq"), re.I)
_CLAIMED = re.compile(
    _with_value(f"{_PLOTS}|{_OTHERS}", "abcegklmpqstu")
    + r"|\b(?:km|quil[oô]metro)(?![a-z])[.:\s-]{0,4}[0-9]{1,4}(?:[.,][0-9]{1,3})?(?:\s?\+\s?[0-9]{1,4})?\b"
    r"|\b[0-9]{1,2}\s?[oa]?\s+(?:andar|pavimento|piso)\b"
    r"|(?:\b(?:a|h[aá]|uns)\s)?\b[0-9]{1,5}\s?(?:(?-i:m|mts)|metros?|kms?(?![.:\s]*[0-9]))\b(?:\sd[aeo]s?\b[^,;]*)?"
    r"|\b[0-9]{1,5}\s?(?:min|minutos?|horas?|anos?|dias?)\b",
    re.I,
)
_CASA = re.compile(r"\b(?:casa|cs)\b[.:\s-]{0,4}(?:n[ro.]{0,2}[.:\s]{0,3})?([0-9]{1,5}[a-z]?)\b", re.I)
# These have a number of their own, which is no house's: Setor 5, Linha 12.
_NUMBERED = "setor|[aá]rea(?: especial)?|trecho|etapa|fase|zona|vila|linha|ramal|gleba"
_A_WORD = re.compile(rf"{_PLOTS}|{_OTHERS}|{_NUMBERED}|km", re.I)
_GATED = re.compile(r"\b(?:condom[ií]nio|cond\b)", re.I)
_STREET_SO_FAR = re.compile(rf"(?:{'|'.join(STREET_TYPES.values())})(?: d[aeo]s?)?", re.I)
# A name ends with its first number, or with a comma before that.
_NAME = re.compile(r"[^\d,]*(?:[0-9]+(?:\.[0-9]{3})?\w*)?")

# Without a number these may be part of a street's name, so they count only behind its first number or comma.
_INSIDE = re.compile(
    r"(?<=[,\s-])(?:apartamento|bloco|fundos|fds|sala|loja|torre|andar|quadra|lote|casa|unidade|complemento"
    r"|t[eé]rreo|sobrado)\b[.:\s-]*",
    re.I,
)
# Landmarks, and words that belong to the chat.
NEAR = re.compile(
    r"(?<=[,\s-])(?:perto|pr[oó]xim[oa]|prox|ao lado|em frente|esquina|atr[aá]s|port[aã]o azul"
    r"|ponto de ref\w*|refer[eê]ncia|edif[ií]cio|condom[ií]nio"
    r"|casa (?:d[aeo]s?|amarela|azul|verde|branca|rosa|vermelha|cinza|marrom|laranja)"
    r"|obrigad[oa]|por favor|pfv|pf|vlw|valeu|qual|quanto|quero|tem)\b[^,;]*|(?<=[,\s-])(?:ed|cond)\.[^,;]*",
    re.I,
)
_LANDMARK = re.compile(
    r"\s(?:perto d|pr[oó]xim[oa] (?:a|d)|ao lado d|em frente|(?:na )?esquina (?:com|d)|atr[aá]s d)[^,;]*",
    re.I,
)


def has_plot(text: str) -> bool:
    """Whether a text names a lot, a block or a gated estate, in which houses have numbers of their own."""
    return bool(_GATED.search(text) or begins_with_sector(text) or _PLOT.search(text))


def split(line: str, in_plot: bool, *, named: bool) -> tuple[str, str]:
    """The line without all this; and the number of a `casa`, empty if that stands in a plot.

    `named`: the line begins with a street, whose name may have the same words.
    """
    in_sector = begins_with_sector(line)

    def claimed(match: re.Match[str]) -> str:
        before = line[: match.start()].strip(" .:")
        # "Rua Torre 5" is unclear; and in Brasília the conjunto is the street.
        in_name = named and _STREET_SO_FAR.fullmatch(before)
        of_sector = in_sector and folded(match[0]).startswith(("conj", "cj"))
        return match[0] if in_name or of_sector else ", "

    house = "" if in_plot else next((m[1] for m in _CASA.finditer(line)), "")
    line = _CLAIMED.sub(claimed, line)
    name = _NAME.match(line) if named else None
    end = name.end() if name else 0
    street, tail = _LANDMARK.sub(", ", line[:end]), line[end:] if named else f" {line}"
    casa = _CASA.search(street)
    if casa and casa.start() and casa.end() == len(street):
        street = street[: casa.start()]
    for pattern in (_CASA, NEAR, _INSIDE):
        tail = pattern.sub(", ", tail)
    return street + tail, house


def beside(text: str) -> tuple[str, str]:
    """The same for a text without a street, in which every other word counts."""
    house = "" if has_plot(text) else next((match[1] for match in _CASA.finditer(text)), "")
    return _CASA.sub(" ", _CLAIMED.sub(" ", text)), house


def is_word(word: str) -> bool:
    """Whether a word names a flat, a lot and the like."""
    return bool(_A_WORD.fullmatch(word))
