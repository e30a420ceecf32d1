"""Brazilian address words: writes abbreviations out, and compares two spellings of a name. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path

STREET_TYPES = {
    "rua": "Rua", "r": "Rua", "avenida": "Avenida", "av": "Avenida", "ave": "Avenida", "aven": "Avenida",
    "travessa": "Travessa", "tv": "Travessa", "trav": "Travessa", "alameda": "Alameda", "al": "Alameda",
    "rodovia": "Rodovia", "rod": "Rodovia", "estrada": "Estrada", "estr": "Estrada", "est": "Estrada",
    "praca": "Praça", "pca": "Praça", "pc": "Praça", "servidao": "Servidão", "serv": "Servidão",
    "largo": "Largo", "lgo": "Largo", "beco": "Beco", "viela": "Viela", "ladeira": "Ladeira",
    "lad": "Ladeira", "caminho": "Caminho", "acesso": "Acesso", "passagem": "Passagem", "via": "Via",
    "linha": "Linha",
}  # fmt: skip
"""The first word of a street's name, folded, and its full spelling."""

# Very short ones, or ordinary words: they begin a street only with a full stop or as the first word.
SHORT_TYPES = {
    "r",
    "al",
    "pc",
    "est",
    "ave",
    "via",
    "lad",
    "serv",
    "caminho",
    "acesso",
    "passagem",
    "largo",
    "linha",
}

_SECTORS = (
    "SQN SQS SQNW SQSW SHIS SHIN SHCES SHCGN SHCSW SHCNW SHTQ SHA SHVP SCLN SCLS SCLRN CLN CLS CLNW CLSW CRS"
    " CRN SCS SCN SBS SBN SAS SAAN SIA SIG SOF SOFN SOFS SGAN SGAS SEPN SEPS SHS SHN SDS SDN SRTVS SRTVN SMAS"
    " SMPW SMDB SMLN SMHN SPMW EQN EQS EQNM EQNP AOS QRSW QMSW CSA CSB CSC CSD CNA CNB CNC CND CNF CNM CNR"
    " Q[EILRS] QN[A-R]? QS[A-F] AR(?:SE|SO|NE|NO) AC(?:SE|SO|NE|NO)"
)
_CODE = f"(?:{_SECTORS.replace(' ', '|')})"
# At most two codes with one way to match what is between them: a loop would take exponential time.
_SECTOR = re.compile(rf"\b(?=[SQCEA])(?:{_CODE}[ -]{{1,3}})?{_CODE}[ -]{{0,3}}[0-9]", re.IGNORECASE)
"""The quadras of Brasília, whose codes are the streets there, and of Palmas: SQN 208, SHIS QI 5."""

_SHORTENED = {
    "dr": "Doutor", "dra": "Doutora", "prof": "Professor", "profa": "Professora", "pres": "Presidente",
    "gov": "Governador", "sen": "Senador", "dep": "Deputado", "ver": "Vereador", "pref": "Prefeito",
    "cel": "Coronel", "cap": "Capitão", "gen": "General", "gal": "General", "mal": "Marechal",
    "ten": "Tenente", "sgto": "Sargento", "maj": "Major", "alm": "Almirante", "brig": "Brigadeiro",
    "eng": "Engenheiro", "des": "Desembargador", "pe": "Padre", "sta": "Santa", "sto": "Santo",
    "nsa": "Nossa", "sra": "Senhora", "jd": "Jardim", "jdim": "Jardim", "vl": "Vila", "pq": "Parque",
    "fpolis": "Florianópolis", "floripa": "Florianópolis", "bh": "Belo Horizonte", "poa": "Porto Alegre",
    "cj": "Conjunto", "conj": "Conjunto", "res": "Residencial", "lot": "Loteamento", "bal": "Balneário",
    "st": "Setor",
}  # fmt: skip

# These distinguish no name: people leave titles out, and half of all streets have a saint.
_COMMON = {
    "de", "da", "do", "das", "dos", "e", "sao", "santo", "santa", "dom", "dona", "nossa", "senhora",
    "doutor", "doutora", "professor", "professora", "presidente", "governador", "senador", "deputado",
    "vereador", "prefeito", "coronel", "capitao", "general", "marechal", "tenente", "sargento", "major",
    "almirante", "brigadeiro", "engenheiro", "desembargador", "padre", "frei", "barao", "conde",
}  # fmt: skip
_ALIKE = 0.85
"""Share of equal letters in two spellings of a street: "linares" is "linhares", "parana" is not "para"."""
_TOWN_ALIKE = 0.9
"""The same for a town: Itapema is not Itapeva."""

_NUMERALS = {
    word: str(number)
    for number, words in enumerate(
        (
            "um i", "dois ii", "tres iii", "quatro iv", "cinco v", "seis vi", "sete vii", "oito viii",
            "nove ix", "dez x", "onze xi", "doze xii", "treze xiii", "quatorze xiv", "quinze xv",
            "dezesseis xvi", "dezessete xvii", "dezoito xviii", "dezenove xix", "vinte xx",
        ),
        start=1,
    )
    for word in words.split()
} | {"primeiro": "1", "primeira": "1"}  # fmt: skip
"""Rua Sete de Setembro is Rua 7 de Setembro, and João Paulo II is not João Paulo I."""

STATES = {
    "acre": "AC", "alagoas": "AL", "amapa": "AP", "amazonas": "AM", "bahia": "BA", "ceara": "CE",
    "distrito federal": "DF", "espirito santo": "ES", "goias": "GO", "maranhao": "MA", "mato grosso": "MT",
    "mato grosso do sul": "MS", "minas gerais": "MG", "para": "PA", "paraiba": "PB", "parana": "PR",
    "pernambuco": "PE", "piaui": "PI", "rio de janeiro": "RJ", "rio grande do norte": "RN",
    "rio grande do sul": "RS", "rondonia": "RO", "roraima": "RR", "santa catarina": "SC",
    "sao paulo": "SP", "sergipe": "SE", "tocantins": "TO",
}  # fmt: skip

_TOWNS = frozenset((Path(__file__).parent / "towns.txt").read_text(encoding="ascii").splitlines())
"""The municipalities of Brazil and the regions of Brasília, folded: docs/decisions/0041-towns.md."""
_DISTRICT_TYPES = {
    "bairro", "jardim", "vila", "setor", "parque", "conjunto", "residencial", "loteamento", "balneario",
    "distrito", "praia", "povoado", "comunidade", "nucleo", "condominio",
}  # fmt: skip
_NO_LETTERS = re.compile(r"[^0-9a-z]+")
_HOUSES = r"[0-9]{1,5}(?:/[0-9]{1,5})?(?![0-9])"
_RANGE = re.compile(
    rf"[\s,-]{{0,5}}\b(?:de\s{_HOUSES}\s(?:ao?|at[eé])\s(?:(?:o\s)?fim\b|{_HOUSES})"
    rf"|(?:at[eé]|a partir de)\s{_HOUSES}|lado\s(?:[ií]m)?par\b)",
    re.IGNORECASE,
)


def folded(text: str) -> str:
    """Lower case, without accents and marks, with single spaces: for comparing."""
    plain = text.lower()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return _NO_LETTERS.sub(" ", plain).strip()


def whole(text: str) -> str:
    """The text with its abbreviations written out: `Prof. Jd` is `Professor Jardim`."""
    return " ".join(_SHORTENED.get(word.rstrip(".").lower(), word.rstrip(".")) for word in text.split())


def state_of(text: str) -> str:
    """The two letters of a state, from its name or its letters; empty for anything else."""
    name = folded(text).removeprefix("estado de ")
    letters = name.upper()
    return STATES.get(name) or (letters if letters in STATES.values() else "")


def is_town(name: str) -> bool:
    """Whether a text is nothing but the name of a Brazilian municipality or of a region of Brasília."""
    return folded(whole(name)) in _TOWNS


def is_district(name: str) -> bool:
    """Whether a text begins as names of districts do: Jardim América, Bairro Trindade; or is the centre."""
    words = folded(whole(name)).split()
    return words == ["centro"] or (len(words) > 1 and words[0] in _DISTRICT_TYPES)


def begins_with_sector(text: str) -> bool:
    """Whether a text begins with a quadra of Brasília or Palmas: `SQN 208 Bloco C`."""
    return bool(_SECTOR.match(text))


def from_sector(text: str) -> tuple[str, str]:
    """What is before the first such quadra, and the rest: all of the text if there is none."""
    start = match.start() if (match := _SECTOR.search(text)) else 0
    return text[:start], text[start:]


def without_range(street: str) -> str:
    """A street without the houses that its CEP is for: `Rua X - de 1 a 300 - lado ímpar` is `Rua X`."""
    return _RANGE.sub("", street)


def same_street(asked: str, name: str, around: Iterable[str] = ()) -> bool:
    """Whether the name on the map is the one asked for. Typos and missing titles or names are allowed.

    Every word asked for must be in the name, or in the names `around` it: its district and town. And more
    than half of the words that distinguish the name must have been asked for.
    """
    wanted, words = _distinctive(whole(asked)), _distinctive(name)
    elsewhere = {word for other in around for word in _canonical(other)}
    missing = [word for word in wanted if not any(_alike(word, other) for other in words)]
    shared = sum(any(_alike(word, other) for other in wanted) for word in words)
    return 2 * shared > len(words) and all(word in elsewhere for word in missing)


def same_type(asked: str, name: str) -> bool:
    """Whether both are a Rua, or both an Avenida: a town may have one of each with the same name."""
    first, second = (folded(street).split(" ")[0] for street in (asked, name))
    return STREET_TYPES.get(first) == STREET_TYPES.get(second)


def same_town(asked: str, name: str, around: Iterable[str] = ()) -> bool:
    """Whether a text is the name of a town or district, typos allowed.

    After a street people write its district and town without a comma: then the words before the name must be
    one of the names `around` it. Camboriú is not Balneário Camboriú.
    """
    words, named = _canonical(whole(asked)), _canonical(name)
    before, last = words[: -len(named) or None], words[-len(named) :]
    if len(last) != len(named) or not all(
        _alike(a, b, _TOWN_ALIKE) for a, b in zip(last, named, strict=True)
    ):
        return False
    if len(words) == len(named):
        return True
    return any(_canonical(other) == before for other in (*around, "centro"))


def _distinctive(name: str) -> list[str]:
    words = _canonical(name)
    if words and words[0] in STREET_TYPES:
        words = words[1:]
    return [word for word in words if word not in _COMMON] or words


def _canonical(name: str) -> list[str]:
    """The words of a name in comparable form: Luiz is Luís, and Sete is 7."""
    words = (_NUMERALS.get(word, word) for word in folded(name).split())
    return [word.replace("y", "i").removesuffix("z") + "s" * word.endswith("z") for word in words]


def _alike(a: str, b: str, share: float = _ALIKE) -> bool:
    """Whether two words may be the same with a typo. Not numbers, and Francisca is not Francisco."""
    if a == b:
        return True
    if min(len(a), len(b)) <= 3 or not (a.isalpha() and b.isalpha()):
        return False
    ends = a.removesuffix("s")[-1:] == b.removesuffix("s")[-1:]
    return ends and SequenceMatcher(None, a, b).ratio() >= share
