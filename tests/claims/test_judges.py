"""Each judge comes out every way that it can, given the evidence for it."""

import ast
import importlib
import inspect

import pytest

from loadtests import claims
from loadtests.claims import DEPENDS, FALSE, TRUE, Listed, Seen

WORDS = {TRUE, FALSE, DEPENDS}


@pytest.mark.parametrize("listed", claims.listed(), ids=lambda one: one.name)
def test_a_judge_comes_out_every_way(listed: Listed) -> None:
    """Each verdict that the file can give has evidence that leads to it; two of them differ."""
    claim = claims.load(listed.name)
    ways = importlib.import_module(f"tests.claims.ways.{listed.name}").WAYS
    for word, runs in ways:
        verdict = claim.judge(Seen(runs))
        assert verdict.word == word, (verdict, runs)
        assert verdict.sentence
        assert bool(verdict.on) == (word == DEPENDS)
    tree = ast.parse(inspect.getsource(inspect.getmodule(claim.judge)))  # type: ignore[arg-type]
    calls = [one.func for one in ast.walk(tree) if isinstance(one, ast.Call)]
    can = {one.id for one in calls if isinstance(one, ast.Name) and one.id in WORDS}
    assert {word for word, _ in ways} == can
    assert len(can) > 1


def test_claims_are_told_apart() -> None:
    """Numbers are unique, and each claim says what is asked for."""
    listed = claims.listed()
    assert len({one.number for one in listed}) == len(listed)
    for one in listed:
        claim = claims.load(one.name)
        assert claim.says.endswith(".")
        assert claim.question.endswith("?")
        assert claim.instead.endswith(".")
        assert claim.source
        assert claim.topic in claims.TOPICS
