"""What to send: each workload's example, read from the API's own OpenAPI document."""

import json
from http import HTTPStatus

from geventhttpclient import HTTPClient

from after202.kernel.model import Offer


class TargetError(Exception):
    """The API cannot be put under load; the message says why and what to do."""


def offers(document: bytes) -> dict[str, Offer]:
    """Return what an OpenAPI document offers, by workload."""
    paths = json.loads(document)["paths"].values()
    operations = [operation for path in paths for operation in path.values()]
    return {
        operation["operationId"]: Offer.model_validate(operation["x-workload"])
        for operation in operations
        if "x-workload" in operation
    }


def fetch_offer(client: HTTPClient, workload: str) -> Offer:
    """Return a workload's offer from the API; TargetError if it has none of that name."""
    try:
        response = client.get("/openapi.json")
        document, status = bytes(response.read()), response.status_code
    except OSError as error:
        raise TargetError(
            f"{client.host}:{client.port} does not answer ({error}): start the API first"
        ) from error
    if status != HTTPStatus.OK:
        raise TargetError(
            f"{client.host}:{client.port}/openapi.json answers {status}: is it an after202 API?"
        )
    found = offers(document)
    if workload not in found:
        raise TargetError(
            f"the API has no workload {workload!r}: it has {', '.join(sorted(found))}"
        )
    return found[workload]
