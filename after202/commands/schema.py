"""The command that prints the schema of what tools read."""

import json
from typing import Annotated

import typer

from after202.kernel.errors import UsageError
from after202.records.answers import CheckAnswer, CompareAnswer, PlanAnswer
from after202.records.document import Document
from after202.records.summary import Summary

app = typer.Typer()
DOCUMENTS: dict[str, type[Document]] = {
    "summary": Summary,
    "plan": PlanAnswer,
    "check": CheckAnswer,
    "compare": CompareAnswer,
}


@app.command("schema")
def print_schema(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(DOCUMENTS)}.")] = "summary",
) -> None:
    """Print the JSON Schema of summary.json, or of a --json."""
    if name not in DOCUMENTS:
        raise UsageError(f"unknown document {name!r}: there are {', '.join(DOCUMENTS)}")
    typer.echo(json.dumps(DOCUMENTS[name].schema_document(), indent=2))
