"""Brazilian address words: what people shorten, and how two spellings of a name are compared. Pure."""

import re
import unicodedata
from difflib import SequenceMatcher

STREET_TYPES = {
    "rua": "Rua", "r": "Rua", "avenida": "Avenida", "av": "Avenida", "ave": "Avenida", "aven": "Avenida",
    "travessa": "Travessa", "tv": "Travessa", "trav": "Travessa", "alameda": "Alameda", "al": "Alameda",
    "rodovia": "Rodovia", "rod": "Rodovia", "estrada": "Estrada", "estr": "Estrada", "est": "Estrada",
    "praca": "Praça", "pca": "Praça", "pc": "Praça", "servidao": "Servidão", "serv": "Servidão",
    "largo": "Largo", "lgo": "Largo", "beco": "Beco", "viela": "Viela", "ladeira": "Ladeira",
    "lad": "Ladeira", "caminho": "Caminho", "acesso": "Acesso", "passagem": "Passagem", "via": "Via",
}  # fmt: skip
"""What a street's name begins with, folded, to its whole spelling."""

# Of one or two letters, or words of their own: they begin a street only with a point or as the first word.
SHORT_TYPES = {"r", "al", "pc", "est", "ave", "via", "lad", "serv", "caminho", "acesso", "passagem", "largo"}

_SHORTENED = {
    "dr": "Doutor", "dra": "Doutora", "prof": "Professor", "profa": "Professora", "pres": "Presidente",
    "gov": "Governador", "sen": "Senador", "dep": "Deputado", "ver": "Vereador", "pref": "Prefeito",
    "cel": "Coronel", "cap": "Capitão", "gen": "General", "gal": "General", "mal": "Marechal",
    "ten": "Tenente", "sgto": "Sargento", "maj": "Major", "alm": "Almirante", "brig": "Brigadeiro",
    "eng": "Engenheiro", "des": "Desembargador", "pe": "Padre", "sta": "Santa", "sto": "Santo",
    "nsa": "Nossa", "sra": "Senhora", "jd": "Jardim", "jdim": "Jardim", "vl": "Vila", "pq": "Parque",
    "fpolis": "Florianópolis", "floripa": "Florianópolis", "bh": "Belo Horizonte", "poa": "Porto Alegre",
    "cj": "Conjunto", "conj": "Conjunto", "res": "Residencial", "lot": "Loteamento", "bal": "Balneário",
}  # fmt: skip

# What a name is told by is none of these: people leave titles out, and half of all streets have a saint.
_COMMON = {
    "de", "da", "do", "das", "dos", "e", "sao", "santo", "santa", "dom", "dona", "nossa", "senhora",
    "doutor", "doutora", "professor", "professora", "presidente", "governador", "senador", "deputado",
    "vereador", "prefeito", "coronel", "capitao", "general", "marechal", "tenente", "sargento", "major",
    "almirante", "brigadeiro", "engenheiro", "desembargador", "padre", "frei", "barao", "conde",
}  # fmt: skip
_ALIKE = 0.8
"""Share of equal letters: "linares" is "linhares", and "acacias" is not "araucarias"."""

STATES = {
    "acre": "AC", "alagoas": "AL", "amapa": "AP", "amazonas": "AM", "bahia": "BA", "ceara": "CE",
    "distrito federal": "DF", "espirito santo": "ES", "goias": "GO", "maranhao": "MA", "mato grosso": "MT",
    "mato grosso do sul": "MS", "minas gerais": "MG", "para": "PA", "paraiba": "PB", "parana": "PR",
    "pernambuco": "PE", "piaui": "PI", "rio de janeiro": "RJ", "rio grande do norte": "RN",
    "rio grande do sul": "RS", "rondonia": "RO", "roraima": "RR", "santa catarina": "SC",
    "sao paulo": "SP", "sergipe": "SE", "tocantins": "TO",
}  # fmt: skip


def folded(text: str) -> str:
    """Lower case, without accents and marks, with single spaces: for comparing."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return " ".join(
        re.sub(r"[^0-9a-z]+", " ", "".join(c for c in plain if not unicodedata.combining(c))).split()
    )


def whole(text: str) -> str:
    """The text with its shortened words written out: `Prof. Jd` is `Professor Jardim`."""
    return " ".join(_SHORTENED.get(word.rstrip(".").lower(), word.rstrip(".")) for word in text.split())


def state_of(text: str) -> str:
    """The two letters of a state's name or of its letters; empty for anything else."""
    name = folded(text).removeprefix("estado de ")
    letters = name.upper()
    return STATES.get(name) or (letters if letters in STATES.values() else "")


def same_street(asked: str, found: str) -> bool:
    """Whether most of what tells the found name from others stands in the asked one, typos allowed."""
    telling = _telling(found)
    words = folded(whole(asked)).split()
    known = sum(any(_alike(word, other) for other in words) for word in telling)
    return 2 * known > len(telling)


def same_type(asked: str, found: str) -> bool:
    """Whether both are a Rua, or both an Avenida: a town may have a street of each, with one name."""
    first, second = (folded(name).split(" ")[0] for name in (asked, found))
    return STREET_TYPES.get(first) == STREET_TYPES.get(second)


def same_town(asked: str, name: str) -> bool:
    """Whether a text ends with a town's or district's name, typos allowed: São José is not ... dos Campos."""
    words, named = folded(whole(asked)).split(), folded(name).split()
    last = words[-len(named) :]
    return len(last) == len(named) and all(map(_alike, last, named))


def _telling(name: str) -> list[str]:
    words = [word for word in folded(name).split() if word not in STREET_TYPES]
    return [word for word in words if word not in _COMMON] or words


def _alike(a: str, b: str) -> bool:
    # A number is another place when one digit differs.
    return a == b or (a.isalpha() and b.isalpha() and SequenceMatcher(None, a, b).ratio() >= _ALIKE)
