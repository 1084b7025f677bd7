"""What tools read: JSON documents with a schema, and numbers that may be infinite."""

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict

from after202.kernel.model import Value


def _writable(value: object) -> object:
    """Return a number as JSON can hold it: an infinite one as a word, a missing one as null."""
    if not isinstance(value, float):
        return value
    if math.isnan(value):
        return None
    return f"{'-' * (value < 0)}infinity" if math.isinf(value) else value


# What `check` says of a trial, and of a run.
Checked = Literal["holds", "broken", "unknown"]
# A time is infinite if what it measures never ended.
Number = Annotated[float | Literal["infinity", "-infinity"], BeforeValidator(_writable)]
MaybeNumber = Annotated[float | Literal["infinity", "-infinity"] | None, BeforeValidator(_writable)]


class Document(Value):
    """A document; `schema` grows whenever a reader of the one before could go wrong."""

    model_config = ConfigDict(serialize_by_alias=True)

    def text(self) -> str:
        """Return the document as indented JSON."""
        return self.model_dump_json(indent=2) + "\n"

    @classmethod
    def schema_document(cls) -> dict[str, Any]:
        """Return the JSON Schema of the document."""
        return cls.model_json_schema(mode="serialization")
