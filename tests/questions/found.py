"""What a session found of a claim: a row of claims.csv."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

from after202.records.evidence import Evidence
from loadtests.claims import Seen


@dataclass(frozen=True)
class Found:
    """A claim's verdict, and the evidence for it."""

    number: int
    verdict: str
    on: str
    sentence: str
    reason: str
    versions: str
    also: str
    evidence: list[Evidence]

    @property
    def seen(self) -> Seen:
        """The evidence of every run."""
        return Seen(self.evidence)

    @property
    def word(self) -> str:
        """The verdict in words."""
        if not self.verdict:
            return "not tried"
        return f"{self.verdict} on {self.on}" if self.on else self.verdict


def read(path: Path) -> list[Found]:
    """Return the rows of a claims.csv."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Found(
                int(row["number"]), row["verdict"], row["on_what"], row["sentence"], row["reason"],
                row["versions"], row["also"], json.loads(row["evidence"]),
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip
