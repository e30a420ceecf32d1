"""The base of every schema that loads into a frozen dataclass."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, post_load


class RecordSchema(Schema):
    """Loads into `record`, a dataclass with the same field names. Unknown keys are ignored."""

    record: ClassVar[Any]

    class Meta:
        unknown = EXCLUDE

    @post_load
    def _make(self, values: Mapping[str, Any], **_: Any) -> Any:
        return self.record(**values)
