"""What strategies, workloads and faults are called in reports."""

import re
from collections import Counter
from collections.abc import Mapping

from after202.kernel.model import StrategyFacts

ENDS = re.compile(r"[:,;.]")


def labels(strategies: Mapping[str, StrategyFacts]) -> dict[str, str]:
    """Return each strategy's label by its name; where several have one label, the name follows."""
    times = Counter(facts.label for facts in strategies.values())
    return {
        name: facts.label if times[facts.label] == 1 else f"{facts.label} ({name})"
        for name, facts in strategies.items()
    }


def short(title: str) -> str:
    """Return a workload's or a fault's title up to its first mark, such as "The API crashes"."""
    return ENDS.split(title)[0]


def lowered(text: str) -> str:
    """Return a text as it reads within a sentence; an abbreviation keeps its capitals."""
    return text if text[1:2].isupper() or text[1:2] == "-" else text[:1].lower() + text[1:]
