"""Plans episodes: which fault strikes which strategy, how often, and in which order."""

from collections.abc import Iterator
from itertools import product
from random import Random

from after202.plan.arms import sides
from after202.plan.catalogue import Catalogue, file_name
from after202.records.experiment import Condition, Role
from after202.records.parts import FaultMatrix
from after202.records.profile import Profile
from after202.records.trial import NOT_DURABLE, Episode
from loadtests import faults

_Cell = tuple[str, str, str, str]
PARTS = {Role.API, Role.WORKER, Role.BROKER}


def episodes(profile: Profile, catalogue: Catalogue, before: int) -> list[Episode]:
    """Return the matrices' episodes: every cell once, in random order, then every cell again.

    Each time those come first that may wait for a redelivery, so that none waits alone at the end.
    """
    random = Random(f"{profile.seed} episodes")  # noqa: S311 - repeatable
    planned: list[Episode] = []
    for turn in range(max((matrix.episodes for matrix in profile.matrix), default=0)):
        cells = [
            _episode(profile, matrix, cell, turn)
            for matrix in profile.matrix
            if turn < matrix.episodes
            for cell in _cells(profile, catalogue, matrix)
        ]
        random.shuffle(cells)
        cells.sort(key=lambda cell: _awaited_s(cell, catalogue), reverse=True)
        planned += [
            cell.model_copy(
                update={
                    "id": f"{before + len(planned) + position:03d}-{cell.id}",
                    "seed": random.randrange(2**32),
                }
            )
            for position, cell in enumerate(cells)
        ]
    return planned


def _awaited_s(episode: Episode, catalogue: Catalogue) -> float:
    """Return how long an episode may wait for what a dead worker held; 0 if it does not."""
    arm = episode.arm
    redelivery_s = catalogue[arm.strategy].variants[arm.variant].redelivery_s or 0.0
    waits = episode.hits is Role.WORKER and redelivery_s <= episode.horizon_s
    return redelivery_s if waits else 0.0


def _cells(profile: Profile, catalogue: Catalogue, matrix: FaultMatrix) -> list[_Cell]:
    """Return (fault, strategy, variant, durability) wherever the fault can hit the strategy."""
    return [
        (fault, strategy, variant, durability)
        for fault in matrix.faults
        for strategy, variant in sides(profile, catalogue, matrix)
        if can_hit(fault, catalogue, strategy, variant)
        for durability in _durabilities(matrix, catalogue, strategy)
    ]


def _durabilities(matrix: FaultMatrix, catalogue: Catalogue, strategy: str) -> tuple[str, ...]:
    """Return the matrix's durabilities that the strategy's broker has, or the broker's default.

    They are named in the terms of some brokers; one that has none of them has its default.
    """
    there = catalogue.broker(strategy)
    if there is None:
        return (NOT_DURABLE,)
    named = tuple(name for name in matrix.durabilities or () if name in there.durabilities)
    return named or (there.usual,)


def can_hit(fault: str, catalogue: Catalogue, strategy: str, variant: str) -> bool:
    """Whether a variant has the part that the fault hits, and the fault has its like there.

    Every strategy has clients and jobs, and a database, unless the variant's is the broker: what
    befalls that is tried by the broker's faults.
    """
    if faults.load(fault).hits is Role.DATABASE and _has_one_database(catalogue, strategy, variant):
        return False
    return _has_part(fault, catalogue, strategy) and not _lacks(fault, catalogue, strategy)


def _has_one_database(catalogue: Catalogue, strategy: str, variant: str) -> bool:
    return catalogue[strategy].variants[variant].one_database


def _has_part(fault: str, catalogue: Catalogue, strategy: str) -> bool:
    hits = faults.load(fault).hits
    return hits not in PARTS or hits in catalogue.roles(strategy)


def _lacks(fault: str, catalogue: Catalogue, strategy: str) -> str:
    """Return why a fault has no like on the strategy's broker; empty if it has."""
    broker = catalogue.broker(strategy)
    return broker.lacks.get(faults.load(fault).needs, "") if broker else ""


def without_like(profile: Profile, catalogue: Catalogue) -> Iterator[str]:
    """Yield a line for each fault that is left out because some brokers have no like of it."""
    spared: dict[tuple[str, str], list[str]] = {}
    for matrix in profile.matrix:
        names = dict.fromkeys(name for name, _ in sides(profile, catalogue, matrix))
        for fault, strategy in product(matrix.faults, names):
            if why := _lacks(fault, catalogue, strategy):
                listed = spared.setdefault((fault, why), [])
                listed += [strategy] if strategy not in listed else []
    for (fault, why), strategies in spared.items():
        yield f"{fault} leaves out {', '.join(strategies)}: {why}"


def _episode(profile: Profile, matrix: FaultMatrix, cell: _Cell, turn: int) -> Episode:
    name, strategy, variant, durability = cell
    fault = faults.load(name)
    workload = fault.workload or matrix.workload
    condition = Condition(workload=workload, rate_per_s=matrix.rate_per_s)
    arm = profile.arm(strategy, variant, condition)
    kept = "" if durability == NOT_DURABLE else f" {durability}"
    return Episode(
        id=file_name(f"{name}-{arm.name}{kept}-{turn + 1}"),
        block=turn,
        arm=arm,
        seed=0,
        arrivals=matrix.arrivals,
        warm_up_s=0,
        window_s=matrix.window_s,
        drain_s=matrix.drain_s,
        slots=profile.slots,
        number=turn + 1,
        fault=name,
        parameters=profile.fault.get(name, {}),
        hits=fault.hits,
        reach=fault.reach,
        fault_after_s=matrix.fault_after_s,
        durability=durability,
        deadline_s=matrix.deadline_s,
        horizon_s=matrix.horizon_s,
    )
