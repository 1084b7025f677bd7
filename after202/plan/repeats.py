"""Plans to run a block again in which a trial was not valid."""

from collections import Counter
from collections.abc import Mapping, Sequence

from after202.records.experiment import Condition
from after202.records.trial import Comparison, Trial
from after202.records.trial_record import TrialRecord


def repeats(
    planned: Sequence[Trial], records: Mapping[str, TrialRecord], limit: int
) -> list[Comparison]:
    """Return the trials of the next block to run again, because one of its trials was not valid.

    The whole block is repeated, of a design with the fewest valid blocks first. Return nothing once
    `limit` blocks were repeated, or if no block needs it. A repeat is never repeated.
    """
    compared = [trial for trial in planned if isinstance(trial, Comparison)]
    of = _designs(compared)
    blocks: dict[tuple[int, int], list[Comparison]] = {}
    for trial in compared:
        blocks.setdefault((of[trial.arm.condition], trial.block), []).append(trial)
    repeated = {(design, block[0].repeats) for (design, _), block in blocks.items()}
    if sum(number is not None for _, number in repeated) >= limit:
        return []
    bad = {key for key, block in blocks.items() if not _all_valid(block, records)}
    good = Counter(design for design, _ in blocks.keys() - bad)
    again = [k for k in blocks if k in bad and k not in repeated and blocks[k][0].repeats is None]
    if not again:
        return []
    return _again(blocks[min(again, key=lambda key: good[key[0]])], planned)


def _designs(compared: Sequence[Comparison]) -> dict[Condition, int]:
    """Return the number of each condition's design; one trial's legs are of one design."""
    of: dict[Condition, int] = {}
    for trial in compared:
        legs = [leg.arm.condition for leg in trial.legs]
        known = {of[condition] for condition in legs if condition in of}
        number = min(known, default=len(of))
        joined = [condition for condition, one in of.items() if one in known]
        of |= dict.fromkeys([*joined, *legs], number)
    return of


def _all_valid(trials: Sequence[Comparison], records: Mapping[str, TrialRecord]) -> bool:
    return all(records[trial.id].valid for trial in trials if trial.id in records)


def _again(block: Sequence[Comparison], planned: Sequence[Trial]) -> list[Comparison]:
    """Return the block's trials as a new block, with the same order and the same schedule."""
    number = 1 + max(trial.block for trial in planned)
    return [
        trial.model_copy(
            update={
                "id": f"{len(planned) + position:03d}-{trial.id.split('-', 1)[1]}-again",
                "block": number,
                "repeats": trial.block,
            }
        )
        for position, trial in enumerate(block)
    ]
