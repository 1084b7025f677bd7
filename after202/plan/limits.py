"""Reduces a profile to what a stack can run; each function reports what it leaves out."""

from collections.abc import Callable

from after202.kernel.errors import UsageError
from after202.plan import narrowing
from after202.plan.catalogue import Catalogue
from after202.records.profile import Profile
from loadtests import faults

Say = Callable[[str], None]


def on_own_broker(profile: Profile, catalogue: Catalogue, broker: str, say: Say) -> Profile:
    """Return the part of a profile that can be measured on a user's own broker of this kind.

    Such a broker is never stopped or killed, and only one trial uses it at a time. Strategies on
    another broker are left out. UsageError if nothing is left, or if one of them is the baseline.
    """
    if not profile.comparison and not profile.pressure:
        raise UsageError("--redis-url: faults are not tried on a broker of yours; leave it out")
    if profile.matrix:
        say("The episodes are left out: faults are not tried on a broker of yours.")
    without = profile.model_copy(update={"matrix": ()})
    return without_turns(_on_broker(without, catalogue, broker, say), say)


def _on_broker(profile: Profile, catalogue: Catalogue, broker: str, say: Say) -> Profile:
    """Return the profile without the strategies that keep their jobs in another kind of broker."""
    names = profile.strategies or tuple(catalogue.names())
    others = {
        name: kind for name in names if (kind := catalogue[name].broker) not in (None, broker)
    }
    if not others:
        return profile
    if profile.baseline in others:
        kind = others[profile.baseline]
        raise UsageError(
            f"--{broker}-url: the baseline {profile.baseline} has another broker ({kind}): name a"
            " baseline that has not, or leave the option out"
        )
    listed = ", ".join(f"{name} ({kind})" for name, kind in sorted(others.items()))
    say(f"Left out, because they have another broker than {broker}: {listed}")
    return narrowing.of(profile, [name for name in names if name not in others])


def on_compose(profile: Profile, catalogue: Catalogue, say: Say) -> Profile:
    """Return the part of a profile that a compose stack can run.

    There are no turns, and only the faults that Compose can produce. UsageError for a strategy
    from elsewhere than apps/, because no image holds it.
    """
    for name in profile.strategies or catalogue.names():
        facts = catalogue[name]
        if facts.against or facts.source.endswith(".py"):
            raise UsageError(f"no image holds {name}: measure it with --stack embedded")
    cannot = {name for m in profile.matrix for name in m.faults if not faults.load(name).compose}
    if cannot:
        say(f"Left out, because Compose cannot make them: {', '.join(sorted(cannot))}")
    matrix = (
        m.model_copy(update={"faults": tuple(name for name in m.faults if name not in cannot)})
        for m in profile.matrix
    )
    alone = profile.model_copy(update={"matrix": tuple(matrix), "side_by_side": 1})
    return without_turns(alone, say)


def without_turns(profile: Profile, say: Say) -> Profile:
    """Return the profile without turns, which need several stacks that are up together."""
    if any(comparison.turns > 1 for comparison in profile.comparison):
        say("Trials follow each other instead of taking turns: there is one broker.")
    one_by_one = (c.model_copy(update={"turns": 1}) for c in profile.comparison)
    return profile.model_copy(update={"comparison": tuple(one_by_one)})
