"""`findme`: a link to the location page; `findme/resultado`: has the customer chosen yet."""

from dataclasses import dataclass
from urllib.parse import quote

from schemas.conversation import Conversation
from schemas.request import ConversationRequest, ConversationRequestSchema
from webhook.findme.links import Links
from webhook.location.place import Place
from webhook.outcomes import (
    AGUARDANDO_LOCALIZACAO,
    LINK_CRIADO,
    LINK_EXPIRADO,
    LOCALIZACAO_RECEBIDA,
    Answer,
)
from webhook.web.actions.question import Action, Question

_REQUEST = ConversationRequestSchema()


@dataclass(frozen=True)
class Invitation:
    """What a reply says of a link."""

    url: str | None
    expires: str
    place: Place | None = None


def make(question: Question) -> Answer:
    """The conversation's link: ours, or the ISP's own FindMe address."""
    request: ConversationRequest = question.read(_REQUEST)
    conversation = Conversation(question.platform.name, request.conversation)
    link = Links(question.parts.store).make(question.tenant.slug, conversation)
    own = question.parts.findme_url
    url = (
        own.replace("{conversa_id}", quote(request.conversation, safe="")).replace("{token}", link.token)
        if own
        else f"{question.parts.public_url}/l/{link.token}"
    )
    return Answer(LINK_CRIADO, Invitation(url, link.expires), url)


def result(question: Question) -> Answer:
    """What became of the conversation's link. One that is over, or never was, must be asked for anew."""
    request: ConversationRequest = question.read(_REQUEST)
    conversation = Conversation(question.platform.name, request.conversation)
    link = Links(question.parts.store).of_conversation(question.tenant.slug, conversation)
    if link is None:
        return Answer(LINK_EXPIRADO)
    said = Invitation(None, link.expires, link.place)
    if link.place:
        return Answer(LOCALIZACAO_RECEBIDA, said)
    return Answer(AGUARDANDO_LOCALIZACAO if link.alive else LINK_EXPIRADO, said)


ACTIONS = [
    Action(
        "findme", make, read=False, summary="A link to the location page", request=ConversationRequestSchema
    ),
    Action(
        "findme/resultado",
        result,
        read=True,
        summary="Has the customer chosen a place yet?",
        request=ConversationRequestSchema,
    ),
]
