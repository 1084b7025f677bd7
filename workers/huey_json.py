"""A serializer for Huey whose messages and results are JSON.

Huey's own serializers pickle. It lets an application bring another, which must give back what Huey
works with: a `Message`, whose pipeline is a message in it, and the `Error` of a task that failed.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from huey.registry import Message
from huey.serializer import Serializer
from huey.utils import Error

MESSAGE, ERROR = "message", "error"
# Fields that may hold a time, and those that may hold another message.
TIMES, FOLLOWING = ("eta", "expires_resolved"), ("on_complete", "on_error")


class JSONSerializer(Serializer):
    """Writes tasks and their results as JSON; TypeError for what JSON has not, such as a chord."""

    def _serialize(self, data: Any) -> bytes:
        if isinstance(data, Message):
            return json.dumps({MESSAGE: packed(data)}).encode()
        if isinstance(data, Error):
            return json.dumps({ERROR: data.metadata}).encode()
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Any:
        decoded = json.loads(data)
        if isinstance(decoded, Mapping) and MESSAGE in decoded:
            return unpacked(decoded[MESSAGE])
        if isinstance(decoded, Mapping) and ERROR in decoded:
            return Error(decoded[ERROR])
        return decoded


def packed(message: Any) -> dict[str, Any]:
    """Return a message's fields as JSON has them; TypeError for one of a chord."""
    if message.chord_config is not None:
        raise TypeError("a chord's tasks cannot be written as JSON here")
    fields = message._asdict()
    for name in TIMES:
        if fields[name] is not None:
            fields[name] = fields[name].isoformat()
    for name in FOLLOWING:
        if fields[name] is not None:
            fields[name] = packed(fields[name])
    return dict(fields)


def unpacked(fields: Mapping[str, Any]) -> Any:
    """Return the message of these fields; TypeError or ValueError if they are not one's."""
    found = dict(fields)
    # Huey appends to the arguments what the step before returned, as a tuple to a tuple.
    found["args"] = tuple(found["args"])
    for name in TIMES:
        if found[name] is not None:
            found[name] = datetime.fromisoformat(found[name])
    for name in FOLLOWING:
        if found[name] is not None:
            found[name] = unpacked(found[name])
    return Message(**found)
