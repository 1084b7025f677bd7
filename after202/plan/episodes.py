"""From a profile's matrices to episodes: which fault strikes whom, how often, in which order."""

from random import Random

from after202.plan import catalogue as strategies
from after202.records.experiment import Arm, Persistence, Role, Trial
from after202.records.profile import Matrix, Profile
from loadtests import faults


def episodes(profile: Profile, before: int) -> list[Trial]:
    """Expand the matrices: every cell once, in any order, then every cell again."""
    random = Random(f"{profile.seed} episodes")  # noqa: S311 - repeatable
    planned: list[Trial] = []
    for turn in range(max((matrix.episodes for matrix in profile.matrix), default=0)):
        cells = [
            _episode(profile, matrix, cell, turn)
            for matrix in profile.matrix
            if turn < matrix.episodes
            for cell in _cells(profile, matrix)
        ]
        random.shuffle(cells)
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


_Cell = tuple[str, str, str, Persistence]


def _cells(profile: Profile, matrix: Matrix) -> list[_Cell]:
    """Return (fault, strategy, variant, broker) where the fault can hit the strategy at all."""
    return [
        (fault, strategy, variant, broker)
        for fault in matrix.faults
        for strategy, variant in profile.sides(matrix)
        if can_hit(fault, strategy)
        for broker in (matrix.brokers if strategies.has_worker(strategy) else (Persistence.NONE,))
    ]


def can_hit(fault: str, strategy: str) -> bool:
    """Say whether a strategy has the part that the fault hits."""
    needs_queue = faults.load(fault).hits in {Role.WORKER, Role.BROKER}
    return not needs_queue or strategies.has_worker(strategy)


def _episode(profile: Profile, matrix: Matrix, cell: _Cell, turn: int) -> Trial:
    fault, strategy, variant, broker = cell
    arm = Arm(
        strategy=strategy,
        workload=faults.load(fault).workload or matrix.workload,
        rate_per_s=matrix.rate_per_s,
        variant=variant,
    )
    kept = "" if broker is Persistence.NONE else f" {broker}"
    return Trial(
        id=strategies.file_name(f"{fault}-{arm.label}{kept}-{turn + 1}"),
        block=turn,
        arm=arm,
        seed=0,
        arrivals=matrix.arrivals,
        warm_up_s=0,
        window_s=matrix.window_s,
        drain_s=matrix.drain_s,
        bystander_per_s=0,
        slots=profile.slots,
        episode=turn + 1,
        fault=fault,
        fault_after_s=matrix.fault_after_s,
        broker=broker,
        deadline_s=matrix.deadline_s,
        horizon_s=matrix.horizon_s,
    )
