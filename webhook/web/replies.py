"""From an answer to the HTTP reply: flat JSON in the platform's value style."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response

from schemas.reply import Reply
from webhook.outcomes import Answer
from webhook.platforms import PLATFORMS
from webhook.web.call import Call

_UNKNOWN_PLATFORM = Reply()


@dataclass(frozen=True)
class Envelope:
    """What the reply schemas read."""

    outcome: object
    message: str
    protocol: str
    result: object


class Replier:
    """Writes replies. `styles` is platform to the name of a value style, `keys` action to a reply's keys."""

    def __init__(self, styles: Mapping[str, str], keys: Mapping[str, type[Reply]]) -> None:
        # Built once: making a schema costs more than a reply.
        self._schemas = {
            (name, action): platform.styles[styles[name]](own)
            for name, platform in PLATFORMS.items()
            for action, own in keys.items()
        }

    def reply(self, call: Call, answer: Answer, status: int = 200) -> Response:
        """All keys of the action, whatever the answer; an unknown route gets the common ones."""
        call.outcome, call.failure = answer.outcome, answer.failure
        texts = call.tenant.texts if call.tenant else {}
        message = answer.outcome.words(texts, answer.detail)
        envelope = Envelope(answer.outcome, message, call.protocol, answer.result)
        body = json.dumps(self._schema(call).dump(envelope), ensure_ascii=False)
        return Response(body + "\n", status, {"X-Request-ID": call.protocol}, mimetype="application/json")

    def _schema(self, call: Call) -> Reply:
        return self._schemas[call.platform.name, call.action] if call.platform else _UNKNOWN_PLATFORM
