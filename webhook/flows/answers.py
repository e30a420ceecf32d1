"""Reads what a customer answers to a question: words, a number for an option, a pin, or nothing of use."""

import json
import re
from collections.abc import Container, Iterable, Sequence

from schemas.plain import plain
from schemas.unfilled import is_missing, squeezed, unaccented
from webhook.flows.definition import ANYTHING, NAME, PHONE, PLACE, TEXT, Question

LONGEST = {TEXT: 500, PLACE: 1000, NAME: 100, PHONE: 100}
"""Characters of an answer."""
OPTION = "opcao"
HELP = {
    OPTION: "Não entendi a resposta. Escolha uma das opções, por favor.",
    PLACE: "Não consegui achar um lugar nessa resposta. Envie a sua localização pelo aplicativo (clipe ou + >"
    " Localização), ou escreva a rua, o número e a cidade.",
    NAME: "Não entendi o nome. Escreva o seu nome completo, por favor.",
    PHONE: "Não entendi o número. Escreva o telefone com DDD, por exemplo: 48 99988-7766.",
    TEXT: "Não entendi a resposta. Escreva em poucas palavras, por favor.",
}
"""What to say of an answer that cannot be used, by what the question needs."""
SAYS_ALL = (PLACE, NAME, PHONE)
"""Needs whose help is the question once more: it need not be repeated."""

_FEW_WORDS = 8
# What channels put in the place of a voice message, a sticker or a file.
_MEDIA = {
    "audio", "voz", "voice", "ptt", "imagem", "image", "foto", "photo", "figurinha", "sticker", "video",
    "gif", "documento", "document", "arquivo", "file", "contato", "contact", "midia", "media", "midiaoculta",
    "mediaomitted", "midiaomitida", "mensagemdevoz", "voicemessage", "audiomessage", "stickermessage",
    "imagemessage", "videomessage", "documentmessage", "mensagemapagada", "estamensagemfoiapagada",
    "unsupported", "naosuportado", "tiponaosuportado",
}  # fmt: skip
_FILE = re.compile(
    r"\S+\.(?:ogg|oga|opus|mp3|m4a|amr|aac|webp|jpe?g|png|gif|mp4|3gp|pdf|docx?|vcf)", re.IGNORECASE
)
GREETINGS = {
    "oi", "ola", "oie", "opa", "alo", "bomdia", "boatarde", "boanoite", "sim", "nao", "ok", "okay", "certo",
    "pronto", "obrigado", "obrigada", "valeu", "teste", "naosei", "quero", "menu", "ajuda", "inicio",
    "voltar", "eu",
}  # fmt: skip
RESTART = {"recomecar", "comecardenovo", "recomeca", "reiniciar", "comecardoinicio"}
LEAVE = {
    "sair", "parar", "pare", "para", "cancelar", "cancela", "desisto", "desistir", "encerrar", "tchau",
    "naoquero", "naoqueromais", "deixaprala", "deixaparala", "naoobrigado", "naoobrigada", "queroparar",
    "querosair",
}  # fmt: skip
_YES = {
    "s", "ss", "isso", "issomesmo", "claro", "ok", "correto", "certo", "exato", "eaqui", "eessemesmo",
    "pode", "podeser",
}  # fmt: skip
_NO = {"n", "nn", "negativo", "naoe", "errado", "naoeaqui", "eoutro"}
_SAYS_THE_NAME = re.compile(
    r"^(?:o\s+)?(?:meu nome(?: completo)? [eé]|me chamo|(?:eu )?sou|aqui [eé])\s+(?:[oa]\s+)?", re.IGNORECASE
)
# Nobody's name has these: it is an answer to something else.
_NO_NAME = {
    "nao", "quero", "quem", "porque", "por", "que", "nome", "voce", "vc", "voces", "apagar", "cancelar",
    "sair", "parar", "suporte", "liga", "ligar", "ajuda", "dados", "recomecar", "falar", "pessoa", "quanto",
    "preco", "valor", "como",
}  # fmt: skip
_PHONE_DIGITS = (10, 15)
"""With its area code (Anatel); at most as many as E.164 allows."""


def is_one_of(answer: object, words: Container[str]) -> bool:
    """Whether it says nothing else than one of GREETINGS, RESTART or LEAVE."""
    return isinstance(answer, str) and squeezed(answer) in words


def wants_data_erased(answer: object) -> bool:
    """Whether the answer asks for what the consent sentence promises."""
    said = set(_words(answer[: LONGEST[TEXT]])) if isinstance(answer, str) else set()
    return "dados" in said and bool(
        said & {"apagar", "apaga", "apague", "excluir", "exclua", "deletar", "remover"}
    )


def read(question: Question, answer: object, person_words: Sequence[str] = ()) -> str | None:
    """The value that the question's variable gets; None for an answer that it cannot use.

    A pin may be an object. Whoever asks for a person, in whatever words, gets the first of `person_words`.
    """
    if question.needs == ANYTHING:
        return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    if isinstance(answer, str):
        if option := option_of(question, answer):
            return option
        if _wants_person(answer, person_words):
            return person_words[0]
        if question.needs == NAME:
            answer = _SAYS_THE_NAME.sub("", answer.strip())
        usable = _is_usable(question, answer)
        return " ".join(answer.split()) if usable else None
    usable = question.needs == PLACE and not is_missing(answer)
    return json.dumps(answer, ensure_ascii=False) if usable else None


def help_of(question: Question) -> str:
    """What to say of an answer that the question cannot use."""
    return question.help or HELP[OPTION if question.buttons else question.needs]


def _yes_or_no(answer: str, said: str) -> str:
    """`sim` or `nao` for what people say in their place; anything else as it is."""
    first = (_words(answer) or [""])[0]
    if said in _YES or first == "sim" or (not said and "👍" in answer):
        return "sim"
    return "nao" if said in _NO or first == "nao" else said


def _wants_person(answer: str, words: Iterable[str]) -> bool:
    """One of `words`, also within a short sentence."""
    said = _words(answer[: LONGEST[TEXT]])
    if len(said) > _FEW_WORDS or any(map(str.isdigit, answer)):
        return False
    text = f" {' '.join(said)} "
    return any(f" {' '.join(_words(word))} " in text for word in words)


def option_of(question: Question, answer: object) -> str | None:
    """The option that the answer names: by its number, its text, or both."""
    said = squeezed(plain(answer)).lstrip("0") if isinstance(answer, str) else ""
    if isinstance(answer, str) and len(said) < LONGEST[NAME]:
        said = _yes_or_no(answer, said)
    for number, option in enumerate(question.options, start=1):
        text = squeezed(option)
        if said in {text, str(number), f"{number}{text}", f"opcao{number}"}:
            return option
    return None


def _is_usable(question: Question, answer: str) -> bool:
    needs = question.needs
    has_content = any(map(str.isalnum, answer)) and not is_missing(answer) and not _is_media(answer)
    if not has_content or len(answer) > LONGEST[needs]:
        return False
    if needs == TEXT:
        # With options and nothing behind them, only an option is an answer.
        return not question.buttons
    if needs == NAME:
        return _is_name(answer)
    if needs == PHONE:
        least, most = _PHONE_DIGITS
        return least <= sum(map(str.isdigit, answer)) <= most
    return True


def _is_name(answer: str) -> bool:
    words = _words(answer)
    has_letters = sum(map(str.isalpha, answer)) >= 2 and not any(map(str.isdigit, answer))
    is_other = is_one_of(answer, GREETINGS | LEAVE) or bool(_NO_NAME & set(words))
    return has_letters and not is_other and not set("@<>?{}") & set(answer) and len(words) <= _FEW_WORDS


def _is_media(answer: str) -> bool:
    return squeezed(answer) in _MEDIA or bool(_FILE.fullmatch(answer.strip()))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unaccented(plain(text)).casefold())
