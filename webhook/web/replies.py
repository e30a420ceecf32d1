"""From an answer to the HTTP reply: flat JSON in the platform's value style."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response

from schemas.reply import Reply
from webhook.outcomes import Answer, Outcome
from webhook.platforms import PLATFORMS
from webhook.web.context import RequestContext

_UNKNOWN_PLATFORM = Reply()
_JSON = "application/json"
_dumps = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Envelope:
    """The record that the reply schemas serialize."""

    outcome: Outcome
    message: str
    protocol: str
    result: object


class Replier:
    """Writes replies. `styles` is platform to value style, `replies` action to the schema of its reply."""

    def __init__(self, styles: Mapping[str, str], replies: Mapping[str, type[Reply]]) -> None:
        # Built once: making a schema costs more than a reply.
        self._schemas = {
            (name, action): platform.styles[styles[name]](reply)
            for name, platform in PLATFORMS.items()
            for action, reply in replies.items()
        }

    def reply(self, context: RequestContext, answer: Answer, status: int = 200) -> Response:
        """All keys of the action, whatever the answer; an unknown route gets the common ones."""
        context.outcome, context.failure = answer.outcome, answer.failure
        texts = context.tenant.texts if context.tenant else {}
        message = answer.outcome.words(texts, answer.detail)
        envelope = Envelope(answer.outcome, message, context.protocol, answer.result)
        body = _dumps(self._schema(context).dump(envelope))
        return Response(body + "\n", status, {"X-Request-ID": context.protocol}, content_type=_JSON)

    def _schema(self, context: RequestContext) -> Reply:
        if context.platform is None:
            return _UNKNOWN_PLATFORM
        return self._schemas[context.platform.name, context.action]
