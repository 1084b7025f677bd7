"""Plans episodes: which fault strikes which strategy, how often, and in which order."""

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
        if can_hit(fault, catalogue, strategy)
        for durability in _durabilities(matrix, catalogue, strategy)
    ]


def _durabilities(matrix: FaultMatrix, catalogue: Catalogue, strategy: str) -> tuple[str, ...]:
    """Return the matrix's durabilities that the strategy's broker has, or the broker's default."""
    there = catalogue.durabilities(strategy)
    if there is None:
        return (NOT_DURABLE,)
    if matrix.durabilities is None:
        return (there.usual,)
    return tuple(name for name in matrix.durabilities if name in there.names)


def can_hit(fault: str, catalogue: Catalogue, strategy: str) -> bool:
    """Whether a strategy has the part that the fault hits; every strategy has clients and jobs."""
    hits = faults.load(fault).hits
    return hits not in PARTS or hits in catalogue.roles(strategy)


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
