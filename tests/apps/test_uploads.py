"""Uploads that are refused: whatever the reason, nothing stays on disk."""

import asyncio
import io
from pathlib import Path

import pytest
from fastapi import UploadFile

from after202.hosts.ports import HOST, free_port
from tests.apps.client import QUEUES, STRATEGIES, Apis
from tests.services import Services
from workers.workloads import uploads

CONTENT = b"a,b\n1,2\n"


def kept(services: Services) -> set[Path]:
    """Return the files of all uploads."""
    return set((services.folder / "data" / "uploads").glob("*"))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_an_upload_under_a_malformed_id_leaves_no_file(
    apis: Apis, services: Services, strategy: str
) -> None:
    """The file is stored once all of the request is valid, the header included."""
    before = kept(services)
    assert apis.of(strategy).upload_as("7", CONTENT).status == 422
    assert kept(services) == before


@pytest.mark.parametrize("strategy", QUEUES)
def test_an_upload_without_a_broker_leaves_no_file(
    apis: Apis, services: Services, strategy: str
) -> None:
    """What could not be enqueued is not accepted, so nobody will ever read its file."""
    before = kept(services)
    wiring = services.wiring.model_copy(update={"broker_url": f"redis://{HOST}:{free_port()}/0"})
    _, answer = apis.without_worker(strategy, wiring).upload(CONTENT)
    assert answer.status == 500
    assert kept(services) == before


def test_an_upload_that_inline_cannot_work_with_leaves_no_file(
    apis: Apis, services: Services
) -> None:
    """Its client is told that the work failed."""
    before = kept(services)
    _, answer = apis.of("inline").upload(b"\xff\xfe\x00")
    assert answer.status == 422
    assert "not a CSV file" in answer.json["detail"][0]["msg"]
    assert kept(services) == before


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_an_accepted_upload_stays(apis: Apis, services: Services, strategy: str) -> None:
    """A worker reads it, perhaps long after the answer."""
    before = kept(services)
    _, answer = apis.of(strategy).upload(CONTENT)
    assert answer.status == 202
    (path,) = kept(services) - before
    assert path.read_bytes() == CONTENT


def test_a_message_holds_no_content() -> None:
    """A broker is no place for files."""
    upload = asyncio.run(uploads.request(UploadFile(io.BytesIO(CONTENT))))
    assert upload.content == CONTENT
    asked = upload.model_dump(mode="json")
    assert asked == {"kept_as": str(upload.kept_as), "size_bytes": len(CONTENT)}
