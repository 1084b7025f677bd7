"""What strategies are called in reports."""

from collections import Counter
from collections.abc import Mapping

from after202.kernel.model import StrategyFacts


def labels(strategies: Mapping[str, StrategyFacts]) -> dict[str, str]:
    """Return each strategy's label by its name; where several have one label, the name follows."""
    times = Counter(facts.label for facts in strategies.values())
    return {
        name: facts.label if times[facts.label] == 1 else f"{facts.label} ({name})"
        for name, facts in strategies.items()
    }
