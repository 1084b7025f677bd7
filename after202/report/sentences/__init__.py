"""Every sentence of the report: a small function of the facts, one file per section.

A sentence is plain text in which **two stars** mark what matters, or None where the run does not
hold what it needs. Its rule stands beside it, and the page lists all rules.
"""

from collections.abc import Callable
from typing import TypeVar

Sentence = TypeVar("Sentence", bound=Callable[..., object])
RULES: dict[str, str] = {}


def rule(text: str) -> Callable[[Sentence], Sentence]:
    """Keep a sentence's rule, by the sentence's name."""

    def keep(sentence: Sentence) -> Sentence:
        name = getattr(sentence, "__name__", "").replace("_", " ")
        if name in RULES:
            raise ValueError(f"two sentences are called {name!r}")
        RULES[name] = " ".join(text.split())
        return sentence

    return keep


def plain(text: str) -> str:
    """Return a sentence without its marks."""
    return text.replace("**", "")
