"""What becomes known of a trial while it runs, and the record that is made of it."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from after202.kernel.model import Offer, Setting
from after202.measure.watch.inspector import Look
from after202.records.experiment import Trial
from after202.records.trial import Load, Strike, TrialRecord, Usage


@dataclass
class Observed:
    """What is known of a trial so far; if it fails, its record holds just this."""

    offer: Offer | None = None
    load: Load | None = None
    slots: int | None = None
    canary: UUID = field(default_factory=uuid4)
    drained: bool = False
    left: Look = field(default_factory=Look)
    gates: dict[str, float] = field(default_factory=dict)
    late: bool = False
    usage: dict[str, Usage] = field(default_factory=dict)
    settings: tuple[Setting, ...] = ()
    strike: Strike | None = None
    timing_s: dict[str, float] = field(default_factory=dict)

    def record(self, trial: Trial, reasons: tuple[str, ...], started_at: str) -> TrialRecord:
        """Return the trial's record; what makes it invalid is a reason in it."""
        return TrialRecord(
            trial=trial,
            valid=not reasons,
            reasons=reasons,
            started_at=started_at,
            offer=self.offer,
            load=self.load,
            slots=self.slots,
            canary_job_ids=(self.canary,),
            drained=self.drained,
            held=self.left.held,
            failed=self.left.failed,
            gates=self.gates,
            late=self.late,
            usage=self.usage,
            settings=self.settings,
            strike=self.strike,
            timing_s=self.timing_s,
        )
