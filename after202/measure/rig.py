"""What a run's trials share, and who is told of them."""

from collections.abc import Callable
from dataclasses import dataclass

from after202.measure.load.generator import Generator
from after202.measure.watch.inspector import Inspectors
from after202.records.folder import TrialFolder
from after202.records.trial import Trial
from after202.records.trial_record import TrialRecord
from after202.stacks.interface import Services


@dataclass(frozen=True)
class Observer:
    """Callbacks for when a trial begins, and when it has been stored."""

    begins: Callable[[Trial], None]
    ended: Callable[[TrialRecord], None]


@dataclass(frozen=True)
class Rig:
    """What a run's trials share: the services, the queues' inspectors, and the load generator."""

    services: Services
    inspectors: Inspectors
    generator: Callable[[Trial, TrialFolder, tuple[int, ...]], Generator] = Generator
