"""Charts of strategies as documented keep those that the profile overrides, and name them so."""

import pandas as pd
import pytest

from after202.charts import arms, conditions, noise, rows
from after202.charts.tables import Tables
from after202.charts.wording import variant
from after202.kernel.model import DOCUMENTED
from after202.records.experiment import Arm

GIVEN = "worker_prefetch_multiplier = 1"
ARM = Arm(
    strategy="celery_queue",
    workload="login",
    rate_per_s=5,
    overrides=(("worker_prefetch_multiplier", 1),),
)


def test_an_overridden_strategy_counts_as_documented() -> None:
    """Without it, the charts that compare strategies as documented would lack it."""
    variants = [ARM.variant_label, DOCUMENTED, "hardened", "hardened (x = 1)"]
    frame = pd.DataFrame({"strategy": list("abcd"), "variant": variants})
    assert list(conditions.documented(frame)["strategy"]) == ["a", "b"]


def test_its_name_says_what_is_overridden_once() -> None:
    """By itself, beside its variants, and as the label of an arm that is compared."""
    tables = Tables(overridden={"celery_queue": GIVEN})
    assert tables.name("celery_queue") == f"celery queue ({GIVEN})"
    assert tables.name("rq_queue") == "rq queue"
    assert arms.label(tables, ARM) == f"celery queue, default ({GIVEN})"
    hardened = ARM.model_copy(update={"variant": "hardened", "overrides": ()})
    assert arms.label(tables, hardened) == "celery queue, hardened"
    assert rows.named("Celery", DOCUMENTED) == ("Celery", "")


def test_many_settings_are_counted_where_there_is_no_room() -> None:
    """All of them stand in the report's settings and tables; a chart has a row for each arm."""
    many = ARM.model_copy(update={"overrides": (("a" * 30, 1), ("b" * 30, True))})
    assert variant(many.variant_label) == "default (2 settings overridden)"


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (ARM.label, f"default ({GIVEN})"),
        (f"{ARM.label}#2", f"default ({GIVEN})"),
        ("celery_queue", "default"),
        ("celery_queue one_message (x = 1)#2", "one message (x = 1)"),
    ],
)
def test_a_compared_arm_is_told_by_its_label(label: str, said: str) -> None:
    """Where only the label is stored."""
    strategy, of_variant = noise._split(label)
    assert (strategy, variant(of_variant)) == ("celery_queue", said)
