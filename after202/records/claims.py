"""What a session of claims keeps: a record of the session, and one of each claim.

results/<UTC time>-claims/
  claims.json         ClaimsRecord
  claims/<name>.json  ClaimRecord, written when the claim's experiment has been made
  claims/<name>/<n>/  marks and logs of its run n
  tables/claims.csv  index.html  REPORT.md
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from after202.kernel.errors import UsageError
from after202.kernel.model import Value
from after202.records.evidence import Evidence
from after202.records.files import read_json, reading, write_json, writing
from after202.records.trial_record import SCHEMA

CLAIMS = "claims"
_SESSION_FILE = "claims.json"


class ClaimsRecord(Value):
    """A session: what it tries, the machine, and the version of every library that it may load.

    `wanted` are claims by their files' names. One that is tried with another version of a library
    has that after an `@`: c19_session_of_a_request@fastapi==0.105.0.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    schema_: Annotated[int, Field(alias="schema", le=SCHEMA)] = SCHEMA
    run: str
    wanted: tuple[str, ...]
    machine: dict[str, Any]
    versions: dict[str, str]
    git_commit: str
    started_at: str


class ClaimRecord(Value):
    """A claim that was tried, with the evidence of each run, and what was judged from it.

    `also` is the library that it was tried with in place of the pinned one. `verdict` is empty if
    the experiment was not made; `reason` then says why. `versions` are those of the libraries that
    the claim is about.
    """

    name: str
    number: int
    slug: str
    says: str
    question: str
    topic: str
    source: str
    instead: str
    also: str = ""
    verdict: str = ""
    on: str = ""
    sentence: str = ""
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    versions: dict[str, str] = Field(default_factory=dict)
    took_s: float = 0.0

    @property
    def versions_told(self) -> str:
        """The versions in one line."""
        return ", ".join(f"{name} {version}" for name, version in self.versions.items())


@dataclass(frozen=True)
class ClaimsFolder:
    """A session's folder."""

    path: Path

    @property
    def name(self) -> str:
        """The folder's name, which is the session's."""
        return self.path.name

    @property
    def table(self) -> Path:
        """Where claims.csv goes."""
        return self.path / "tables" / "claims.csv"

    def page(self, name: str) -> Path:
        """Return a page of the report."""
        return self.path / name

    def read(self) -> ClaimsRecord:
        """Return the session's record; UsageError if it cannot be read."""
        return read_json(self.path / _SESSION_FILE, ClaimsRecord)

    def runs_of(self, name: str) -> Path:
        """Return the folder of a claim's runs, emptied of an interrupted attempt's."""
        folder = self.path / CLAIMS / name
        with writing(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        return folder

    def is_stored(self, name: str) -> bool:
        """Return whether a claim was tried to its end."""
        return self._of(name).is_file()

    def store(self, name: str, record: ClaimRecord) -> None:
        """Store a claim's record, which marks that it was tried."""
        write_json(self._of(name), record)

    def stored(self) -> list[ClaimRecord]:
        """Return what has been tried, in the session's order."""
        return list(self._stored())

    def _stored(self) -> Iterator[ClaimRecord]:
        for name in self.read().wanted:
            if self.is_stored(name):
                yield read_json(self._of(name), ClaimRecord)

    def _of(self, name: str) -> Path:
        return self.path / CLAIMS / f"{name}.json"


def begin(results: Path, record: ClaimsRecord) -> ClaimsFolder:
    """Make a session's folder; UsageError if it cannot be written."""
    folder = ClaimsFolder(results / record.run)
    with writing(results):
        (folder.path / CLAIMS).mkdir(parents=True)
        (folder.path / "tables").mkdir()
    write_json(folder.path / _SESSION_FILE, record)
    return folder


def new_name() -> str:
    """Return the name of a session that begins now."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{CLAIMS}"


def known(name: str, results: Path) -> ClaimsFolder | None:
    """Return the folder of a session by its name or path; None if that is no session of claims."""
    for path in (Path(name), results / name):
        with reading(path):
            if (path / _SESSION_FILE).is_file():
                return ClaimsFolder(path.resolve())
    return None


def newest(results: Path) -> ClaimsFolder:
    """Return the folder of the newest session; UsageError if there is none."""
    found = sorted(results.glob(f"*-{CLAIMS}/{_SESSION_FILE}"))
    if not found:
        raise UsageError(f"no claims were tried in {results}: after202 run claims")
    return ClaimsFolder(found[-1].parent)
