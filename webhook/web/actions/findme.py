"""`findme`: a link to the location page; `findme/resultado`: has the customer chosen yet."""

from dataclasses import dataclass
from urllib.parse import quote

from schemas.conversation import Conversation
from schemas.reply import Findme, FindmeResult
from schemas.request import ConversationRequest, ConversationRequestSchema
from webhook import outcomes
from webhook.findme.links import Links
from webhook.location.place import Place
from webhook.outcomes import Answer
from webhook.web.actions.base import ActionRequest, action


@dataclass(frozen=True)
class Invitation:
    """A link as the reply shows it."""

    url: str | None
    expires: str
    place: Place | None = None


@action("findme", request=ConversationRequestSchema(), reply=Findme)
def make(request: ActionRequest, values: ConversationRequest) -> Answer:
    """A link to the location page.

    It is the conversation's: to our page, or to the ISP's own FindMe address.
    """
    services = request.services
    conversation = Conversation(request.platform.name, values.conversation)
    link = Links(services.store).make(request.tenant.slug, conversation)
    url = f"{services.settings.public_url}/l/{link.token}"
    if own_page := services.settings.findme_url:
        own = own_page.replace("{conversa_id}", quote(conversation.id, safe=""))
        url = own.replace("{token}", link.token)
    return Answer(outcomes.LINK_CRIADO, Invitation(url, link.expires), url)


@action("findme/resultado", request=ConversationRequestSchema(), reply=FindmeResult, read=True)
def result(request: ActionRequest, values: ConversationRequest) -> Answer:
    """Has the customer chosen a place yet?

    The place is the one chosen with the conversation's link. An expired link has to be made again.
    """
    links = Links(request.services.store)
    link = links.of_conversation(
        request.tenant.slug, Conversation(request.platform.name, values.conversation)
    )
    if link is None:
        return Answer(outcomes.LINK_EXPIRADO)
    invitation = Invitation(None, link.expires, link.place)
    if link.place:
        return Answer(outcomes.LOCALIZACAO_RECEBIDA, invitation)
    return Answer(outcomes.AGUARDANDO_LOCALIZACAO if link.alive else outcomes.LINK_EXPIRADO, invitation)
