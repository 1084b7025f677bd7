"""What `plan` and `run` say of a profile before anything starts, a line for each."""

from collections.abc import Iterator

from after202.kernel.overrides import told
from after202.plan.catalogue import Catalogue
from after202.plan.episodes import without_like
from after202.plan.pressures import without_worker
from after202.records.profile import Profile


def remarks(profile: Profile, catalogue: Catalogue) -> Iterator[str]:
    """Yield which strategies are left out, what is overridden, and what prefills and faults lack.

    UsageError for a prefill that leaves out all of them.
    """
    for name, reason in catalogue.unavailable.items():
        yield f"{name} is left out: {reason}"
    for strategy, variants in profile.variant.items():
        for variant, given in variants.items():
            yield f"{strategy} {variant}: the profile sets {told(given)}"
    for fault, given in profile.fault.items():
        yield f"{fault}: the profile sets {told(given)}"
    yield from without_worker(profile, catalogue)
    yield from without_like(profile, catalogue)
