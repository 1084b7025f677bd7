"""The README's part on claims, between markers: five surprises, and where tutorials differ."""

import re
from collections.abc import Sequence

from loadtests import claims
from loadtests.claims import TRUE
from tests.project import ROOT
from tests.questions import page
from tests.questions.found import Found

README = ROOT / "README.md"
PART = re.compile(r"(?<=<!-- questions -->\n).*(?=<!-- /questions -->)", re.DOTALL)
# What surprised those who wrote the experiments.
SURPRISES = (6, 39, 35, 14, 29)
TUTORIAL = re.compile(r"tutorial|README")
FOLDER = "docs/questions"


def write(found: Sequence[Found]) -> None:
    """Write the part anew."""
    README.write_text(filled(found), encoding="utf-8")


def filled(found: Sequence[Found]) -> str:
    """Return the README with the part as the table of claims has it."""
    usual = {one.number: one for one in found if not one.also}
    text = README.read_text(encoding="utf-8")
    return PART.sub(lambda _: _part([one for _, one in sorted(usual.items())]), text)


def _part(found: Sequence[Found]) -> str:
    by_number = {one.number: one for one in found}
    surprises = [_surprise(by_number[number]) for number in SURPRISES if number in by_number]
    rows = [_row(one) for one in found if one.verdict not in ("", TRUE) and _of_tutorial(one)]
    table = ["| a tutorial says | here |", "|---|---|", *rows]
    return "\n".join([*surprises, "", *table, ""])


def _surprise(one: Found) -> str:
    claim = claims.load(page.listed(one.number).name)
    return f"- [{page.text(claim.question)}]({FOLDER}/{page.name(one)}) {_said(one)}"


def _row(one: Found) -> str:
    claim = claims.load(page.listed(one.number).name)
    says = f"[{page.text(claim.says)}]({FOLDER}/{page.name(one)})"
    return f"| {says} | {_said(one)} |".replace("\n", " ")


def _said(one: Found) -> str:
    word = one.word[:1].upper() + one.word[1:]
    return f"**{page.text(word)}.** {page.sentence(one)}"


def _of_tutorial(one: Found) -> bool:
    return bool(TUTORIAL.search(claims.load(page.listed(one.number).name).source))
