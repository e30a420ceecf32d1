"""Tells a value from what a builder or a program sends when it has none (docs/decisions/0039-unfilled.md)."""

import re
import unicodedata
from html import unescape
from urllib.parse import unquote

LONGEST = 300
"""Characters; a longer text is no variable."""
IDENTITIES = {"conversa_id", "contato_id", "codigo_cliente"}
"""Keys that say whose something is: what they hold must differ from customer to customer."""

_NAME = r"[^\W\d][\w.-]*"
_ROOTS = (
    "contact|contato|consumidor|customer|cliente|client|user|usuario|lead|subscriber|visitor|channel|bot|agent"
    "|conversation|conversa|chat|session|ticket|results?|fields?|flow|workflow|trigger|node|step|run|input"
    "|webhook|parent|child|globals|urns|extra|date|sys|event|state|turn|payload|context|ctx|msg|json|body"
)
_WORD = (
    "id|uid|uuid|nome|name|sobrenome|surname|first|last|full|primeiro|ultimo|último|completo|telefone|phone"
    "|fone|celular|whatsapp|number|numero|número|e-?mail|codigo|código|code|conversa|conversation|chat|contato"
    "|contact|cliente|customer|client|user|usuario|usuário|lead|session|protocolo|ticket|cidade|city|bairro"
    "|district|estado|state|uf|cep|zip|endereco|endereço|address|rua|street|localizacao|localização|location"
    "|latitude|longitude|lat|lng|lon|cpf|cnpj|tags?|observacao|observação|data|valor|value|campo|field"
    "|variavel|variável|variable|resposta|answer|texto|text|mensagem|message|empresa|company|d[aeo]|of|seu|your"
)
_CALLED = rf"(?:{_WORD})(?:[\W_]+(?:{_WORD}))*"
# What only programs write: [first_name], <firstName>. People write [Maria], <Ana>, [ligar antes].
_VARIABLE = rf"(?:{_NAME}[_.]{_NAME}|(?-i:[a-z]+[A-Z]\w*))"

_PLACEHOLDERS = re.compile(
    "|".join(
        (
            r"=?\{\{.*?\}\}+|\{\{[\w .$]*\}?$",  # Handlebars, Liquid, n8n, Make, ManyChat, Typebot, Blip
            r"\{%.*?%\}",  # Liquid, Twig, FreeScout
            r"[$#@%&*!]!?\{[^{}]*\}",  # JavaScript, Ruby, Velocity, Spring, RapidPro
            r"[$@]\(.*?\)+",  # connectors, RapidPro, Power Automate
            r"<%.*?%>|<\?.*?\?>|<#.*?>",  # ERB, Zenvia, PHP, FreeMarker
            r"\[\[.*?\]\]|\*\|.*?\|\*",  # Thymeleaf, Mailchimp
            r"\{(?!(?:[^{}]*\d){6})[^{}\"']*\}",  # Python, Zapier. Not JSON, a GUID or a place
            rf"(%%|##|@@|::|__){_NAME}\1",  # SendPulse, BotMaker, Mailcoach
            rf"%{_NAME}%|#{_NAME}#|[%#]{_NAME}\.{_NAME}",  # Windows, statping, Dialogflow
            r"%!\w\(.*?\)+|%(?:\([\w.]+\))?(?:\d+\$)?[sdifuxrv@](?!\w)",  # printf, Go, Python
            r"\$(?:[^\W\d]|\.\w)(?:[\w.]|->|\[[^\[\]]*\])*",  # PHP, SuiteCRM, $json["id"], JSONPath
            rf"@(?:{_ROOTS})(?:[.:]{_NAME})*(?!\w)|@var[\w-]*:{_NAME}",  # Huggy, OmniChat, Suri, CometChat
            rf"\b(?:{_ROOTS})\.{_NAME}(?![\w.@-])|@\w+\(.*?\)\S*",  # Node-RED, Power Automate
            rf"\[{_VARIABLE}\]|<{_VARIABLE}>|«{_VARIABLE}»",  # Word, letters
            r"\[object \w+\]|#?<(?:__main__|\w+:0x)[^<>]*>|\[Function[^\]]*\]",
            r"#(?:N/[AD]|(?:REF|VALUE|VALOR|NULL|NULO|NUM|NÚM|DIV/0|ERROR|ERRO)!|N(?:AME|OME)\?)",  # Excel
        )
    ),
    re.IGNORECASE | re.DOTALL,
)
# As programs spell it: Nan and Nil are people, and "None" among other words is a surname.
_NOTHING = re.compile(
    r"""\b(?:(?i:(?:null|undefined|none)+|nulo|indefinido|nonetype|n/[ad]|unknown|desconhecid[oa]
    |no\ (?:value|name)|not\ (?:set|found|provided)|sem\ (?:nome|valor)
    |n[ãa]o\ (?:informad|definid|preenchid|identificad)[oa])
    |NaN|nan|NAN|NaT|nil|Array|Nothing|Infinity|Invalid\ [Dd]ate)\b
    |Optional\(nil\)|\\N|<NA>|\((?i:vazi[oa]|empty|blank|em\ branco)\)|(?i:loading|carregando)\.\.\.""",
    re.VERBOSE,
)
# A variable's name in whatever marks: @name, <<nome>>, |first_name|, (nome do cliente).
_MARKED = re.compile(rf"[\W_]*(?:[^\w\s]|_)[\W_]*{_CALLED}[\W_]*", re.IGNORECASE)
# Without any of these, which most values are, the long patterns need not run.
_SUSPECT = re.compile(r"[][{}<>$#%@*|&:«»\\(~^\"'`\ufe50-\ufe6f\uff00-\uffef]|^\s*[^\w\s-]|[^\W\d]\.[^\W\d]")
_IN_AN_ID = re.compile(r"\{\{|[$#@%]!?[{(]|<[%?]|\[\[|\*\||\{[^\W\d][^{}]*\}")
_ROUNDED = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE)
_EMPTY_IDS = {"false", "true", "-1"}


def squeezed(text: str) -> str:
    """Letters and digits alone, without case and accents: `Conversa-ID` and `conversa_id` are one key."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def unaccented(text: str) -> str:
    """As a keyboard without accents writes it: `Agora nao`."""
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))


def is_missing(value: object, key: str = "") -> bool:
    """Whether a flow sent no value under `key`."""
    if isinstance(value, dict):
        return all(map(is_missing, value.values()))
    if isinstance(value, list):
        return all(is_missing(one, key) for one in value)
    if value in (".", "..") and key == "codigo_cliente":
        return False  # a code that no path can hold: its reader says so
    if key in IDENTITIES and isinstance(value, str | int | float):
        return _is_shared(str(value).strip()) or _says_nothing(str(value), key)
    return value is None or (isinstance(value, str) and _says_nothing(value, key))


def _says_nothing(text: str, key: str) -> bool:
    """Nothing but variables, words for nothing, punctuation and blanks; or only the key's own name."""
    if len(text) > LONGEST:
        return False
    if key and len(text) < 2 * len(key) + 4 and squeezed(text) == squeezed(key):
        return True
    if not _SUSPECT.search(text):
        return not _has_content(_NOTHING.sub("", text))
    # Some connectors escape a variable before they find that it has no value.
    plain = unicodedata.normalize("NFKC", unquote(unescape(text)))
    rest = _NOTHING.sub(" ", _PLACEHOLDERS.sub(" ", plain))
    return not _has_content(rest) or bool(_MARKED.fullmatch(rest))


def _has_content(text: str) -> bool:
    """A letter, a digit, an emoji; half a character is kept, for the one who reads it to refuse."""
    kinds = map(unicodedata.category, text)
    return any(kind[0] in "LN" or kind in {"So", "Cs", "Co"} for kind in kinds)


def _is_shared(text: str) -> bool:
    """Whether an identity is the same for every customer: zeros, a variable in it, a rounded number."""
    words = re.findall(r"[^\W_]+", text)
    named = [word for word in words if not _NOTHING.fullmatch(word)]
    return (
        not any(sign.isalnum() and sign != "0" for sign in text)
        or text.lower() in _EMPTY_IDS
        or squeezed(text) in map(squeezed, IDENTITIES)
        or bool(_IN_AN_ID.search(text) or _ROUNDED.fullmatch(text))
        or (named != words and not any(sign.isdigit() for word in named for sign in word))
    )
