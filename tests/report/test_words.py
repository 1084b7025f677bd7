"""Each sentence follows the tables: with made-up ones, in both directions."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from after202.kernel.model import Setting
from after202.report.facts import Facts
from after202.report.facts.names import Who
from after202.report.facts.tables import Tables
from after202.report.sentences import (
    RULES,
    advice,
    checks,
    cost,
    limits,
    load,
    lost,
    plain,
    settings,
    soon,
    top,
    trust,
    which,
)  # fmt: skip
from tests.report.made_up import (
    BASE,
    CELERY,
    GATHER,
    INLINE,
    LABELS,
    RQ,
    USUAL,
    Cell,
    MadeUp,
    crashed,
    survives,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

HARDENED = {(CELERY, "hardened"): (7.0, 35.0), (RQ, "hardened"): (5.6, 80.0)}


def made(**what: object) -> Facts:
    """Return the facts of a run that was made up."""
    return MadeUp(**what).facts()  # type: ignore[arg-type]


def said(text: str | None) -> str:
    """Return a sentence without its marks, with plain spaces."""
    return plain(text or "").replace("\N{NO-BREAK SPACE}", " ")


# --- The short answer


def test_the_fastest_answers_are_the_ones_you_lose_only_if_they_are() -> None:
    """All that tie for the soonest lose, and others do not."""
    assert top.headline(made(cells=crashed())) == top.LOSES
    kept = [*survives(BASE), *survives(GATHER, but={"A3": "lost"}), *survives(CELERY)]
    assert top.headline(made(cells=kept)) != top.LOSES
    everybody = [cell for name in USUAL for cell in survives(name, but={"A3": "lost"})]
    assert top.headline(made(cells=everybody)) != top.LOSES


@pytest.mark.parametrize(
    ("what", "headline"),
    [
        ({}, ("BackgroundTasks and asyncio.gather answer first, BackgroundTasks, asyncio.gather"
              " and Inline finish first.")),
        ({"times": {BASE: (5.0, 9.0), CELERY: (2.0, 5.0)}}, "Celery answers and finishes first."),
        ({"times": {BASE: (2.0, 9.0)}}, "BackgroundTasks answers and finishes first."),
        ({"blocks": 1}, "A look at sizes: too few blocks for verdicts."),
        ({"copy": "different"}, "This run cannot be trusted."),
        ({"times": {}}, "Nothing was measured yet."),
        ({"times": {}, "cells": survives(CELERY)},
         "Every accepted job was done, whatever went wrong."),
        ({"times": {}, "cells": [*survives(CELERY), *survives(BASE, but={"A3": "lost"})]},
         "Celery did every accepted job in every fault it met."),
        ({"times": {}, "cells": survives(BASE, but={"A3": "lost"})},
         "Nobody did every accepted job in every fault."),
        ({"times": {}, "accepted_share": {BASE: 1.0, RQ: 1.0}},
         "Under pressure, everyone accepted every request: it is the work that waits."),
        ({"times": {}, "accepted_share": {BASE: 1.0, RQ: 0.4}},
         "Under pressure, RQ did not accept every request."),
    ],
)  # fmt: skip
def test_the_headline_is_what_the_run_can_say(what: dict[str, object], headline: str) -> None:
    """Ties and differences, one strategy, a look, a failed A/A test, faults or pressure alone."""
    assert top.headline(made(**what)) == headline


def test_who_ties_is_named_together_and_who_differs_with_ms_before_the_ratio() -> None:
    """A tie and differences, in the order of the times."""
    assert said(top.answer_times(made())) == (
        "BackgroundTasks and asyncio.gather answer in 1.4 ms; RQ in 5.5 ms (+4.1 ms, 3.9×),"
        " Celery in 6.8 ms (+5.4 ms, 4.9×) and Inline, which works first, in 28 ms (+27 ms, 20×)."
    )
    alone = made(times={BASE: (1.4, 28.0)})
    assert said(top.answer_times(alone)) == "BackgroundTasks answers in 1.4 ms."
    assert top.answer_times(made(times={})) is None


def test_a_time_that_never_came_is_never() -> None:
    """Neither the sentence nor the table shows a number for it."""
    text = said(soon.done_times(made(times={BASE: (1.0, 20.0), RQ: (5.0, math.inf)})))
    assert "RQ never (+never" in text or "RQ never" in text
    assert "inf" not in text.replace("infinity", "")


def test_what_a_crash_took_has_its_denominator() -> None:
    """Loss and none; all that was in flight only if it was."""
    text = said(top.api_crash(made(cells=crashed())))
    assert "BackgroundTasks 5 lost of 60" in text
    assert "Inline, Celery, Celery, hardened, RQ and RQ, hardened did every job" in text
    assert "all that was in flight" not in text
    flight = {BASE: 5, GATHER: 5}
    assert "all that was in flight" in said(top.api_crash(made(cells=crashed(), in_flight=flight)))
    assert "lost" not in said(top.api_crash(made(cells=survives(CELERY))))
    assert top.api_crash(made()) is None
    unseen = made(cells=[Cell("W2", CELERY, accepted=0)])
    assert "for Celery it is not known" in said(top.worker_crash(unseen))


def test_the_price_is_beside_the_baselines() -> None:
    """Queues alone; nothing without usage, or without a queue."""
    text = said(top.price(made()))
    assert text == (
        "A job takes BackgroundTasks 5.0 ms of CPU; Celery 15 ms (3.0×) and 1.0× the memory and"
        " RQ 60 ms (12×) and 1.0× the memory."
    )
    assert top.price(made(used=False)) is None
    assert top.price(made(times={BASE: (1.0, 2.0), GATHER: (1.0, 2.0)})) is None


# --- The advice


def test_the_advice_names_what_kept_all_and_was_timed_with_the_bound() -> None:
    """Of the safe the one done soonest, what it lost in a harsher fault, and who lost nothing."""
    text = said(advice.advice(made(cells=crashed(), variants=HARDENED)))
    assert text.startswith("Use BackgroundTasks for work that may get lost.")
    assert "For work that may not, use Celery, hardened: it did all 240 jobs in API crash," in text
    assert "3 episodes of each, so up to 63 % of such faults may still lose one" in text
    assert "not in harsher faults: 5 lost of 60 when the broker crashes." in text
    assert text.endswith("RQ, hardened did every job in every fault tried.")


def test_nothing_is_advised_whose_times_were_not_measured() -> None:
    """What kept everything is named, with the reason why it is not advised."""
    text = said(advice.advice(made(cells=crashed())))
    assert "For work that may not: not BackgroundTasks, asyncio.gather, Celery or RQ" in text
    assert "Celery, hardened and RQ, hardened did, but was not timed." in text


@pytest.mark.parametrize("fault", ["A3", "A2", "W2", "W5"])
@pytest.mark.parametrize("harm", ["lost", "stuck", "failed", "unseen"])
def test_one_job_undone_in_one_essential_fault_is_not_safe(fault: str, harm: str) -> None:
    """And without that fault's episodes it is not known to be safe."""
    whole = survives(CELERY)
    assert "use Celery: it did all 240 jobs" in said(advice.advice(made(cells=whole)))
    harmed = made(cells=survives(CELERY, but={fault: harm}))
    assert "use Celery" not in said(advice.advice(harmed))
    untried = made(cells=[cell for cell in whole if cell.fault != fault])
    assert "use Celery" not in said(advice.advice(untried))
    assert "not every fault was tried" in said(advice.advice(untried))


def test_what_works_first_is_for_clients_that_can_wait() -> None:
    """It is safe, and no answer to who answers early."""
    facts = made(cells=survives(INLINE))
    assert facts.primary is not None
    assert advice.waiting(facts, facts.primary) == Who(INLINE)
    assert "use Inline" not in said(advice.advice(facts))
    early = made(cells=survives(INLINE), times={**USUAL, INLINE: (2.0, 28.0)})
    assert early.primary is not None
    assert advice.waiting(early, early.primary) is None
    assert "use Inline" in said(advice.advice(early))


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ({"copy": "different"}, "Do not believe the rest"),
        ({"copy": "cannot tell"}, "cannot show that the two are the same"),
        ({"blocks": 1}, "1 block of the longest comparison: sizes, and no advice"),
        ({"times": {CELERY: (5.0, 9.0)}}, "BackgroundTasks was not measured"),
        ({"times": {}, "cells": survives(CELERY)}, "Times were not measured in this run"),
        ({"invalid": 5}, "Only 15 of 20 trials are valid"),
        ({}, ""),
        ({"copy": ""}, ""),
    ],
)
def test_a_warning_takes_the_place_of_the_advice(what: dict[str, object], why: str) -> None:
    """A failed or undecided A/A test, a look, no baseline, faults only; none in a good run."""
    warning = said(trust.warning(made(**what)))
    assert why in warning
    assert bool(warning) == bool(why)


@pytest.mark.parametrize(
    ("copy", "badge"),
    [("same", trust.SAME), ("different", trust.DIFFERENT), ("cannot tell", trust.OPEN),
     ("", trust.NO_TEST)],
)  # fmt: skip
def test_the_badge_of_the_a_a_test_has_three_values(copy: str, badge: str) -> None:
    """And one for none."""
    assert trust.aa_badge(made(copy=copy)) == badge


# --- Every strategy's answer turned round


def turned(times: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Return the times with the soonest last, and so on."""
    ends = [sorted(both[n] for both in times.values()) for n in (0, 1)]
    product = [end[0] * end[-1] for end in ends]
    return {name: (product[0] / both[0], product[1] / both[1]) for name, both in times.items()}


def test_every_sentence_follows_when_every_answer_is_turned_round() -> None:
    """Who was soonest is last, and the other way round; the sentences say so."""
    usual = {**USUAL, INLINE: (20.0, 60.0)}
    before, after = (made(cells=crashed(), times=one) for one in (usual, turned(usual)))
    sentences: list[Callable[[Facts], str | None]] = [
        top.headline, top.answer_times, advice.advice, soon.done_times, soon.widest_gap,
        which.per_crash,
    ]  # fmt: skip
    for sentence in sentences:
        assert sentence(before) != sentence(after), sentence.__name__
    assert top.headline(before) == top.LOSES
    assert top.headline(after) == "Inline answers first, RQ finishes first."
    assert said(top.answer_times(after)).startswith("Inline answers in 1.4 ms;")
    assert said(advice.advice(after)).startswith("Use Inline for work that may get lost.")
    assert said(soon.done_times(after)).startswith("The work is done after 28 ms with RQ;")


def test_every_sentence_follows_when_every_fate_is_turned_round() -> None:
    """Who lost jobs keeps them all, and the other way round; the sentences say so."""
    cells = [replace(one, counts={} if one.counts else {"lost": 5}) for one in crashed()]
    before, after = (made(cells=one, variants=HARDENED) for one in (crashed(), cells))
    sentences: list[Callable[[Facts], str | None]] = [
        top.headline, top.api_crash, top.worker_crash, advice.advice, lost.dies_with,
        lost.not_zero, settings.settings_buy,
    ]  # fmt: skip
    for sentence in sentences:
        assert sentence(before) != sentence(after), sentence.__name__
    kept, crash = "BackgroundTasks and asyncio.gather did every job", said(top.api_crash(after))
    assert kept in crash
    assert "Inline 5 lost of 60" in crash
    assert "use BackgroundTasks: it did all 120 jobs" in said(advice.advice(after))
    assert top.headline(after) != top.LOSES


# --- The sections


def test_the_widest_gap_is_in_ms_and_none_if_nobody_is_later() -> None:
    """RQ takes longest; alone, or in a tie, there is no gap."""
    widest = said(soon.widest_gap(made()))
    assert "83 ms (+55 ms, 3.0×) with RQ" in widest
    assert "widest for mail after sign-up, 5/s: done" in widest
    assert soon.widest_gap(made(times={BASE: (1.0, 20.0), GATHER: (1.0, 20.1)})) is None


def test_who_slows_down_others_is_named_if_anybody_does() -> None:
    """Within a quarter nobody does."""
    alike = dict.fromkeys(USUAL, 1.0)
    assert "whatever ran beside it" in said(soon.bystander(made(bystander=alike)))
    slow = {**alike, INLINE: 3.0}
    assert "slowest beside Inline (3.0× the fastest)" in said(soon.bystander(made(bystander=slow)))
    assert soon.bystander(made()) is None


def test_a_crash_takes_what_is_in_flight_at_the_readers_load() -> None:
    """Rate times time until done; of those who keep everything there is nothing to say."""
    text = said(which.per_crash(made(cells=crashed())))
    assert "For mail after sign-up with" in text
    assert "0.14 jobs a crash at 5/s, and 2.8 at 100/s" in text
    kept = made(cells=[*survives(BASE), *survives(GATHER)])
    assert which.per_crash(kept) is None
    assert which.per_crash(made(times={})) is None


def test_work_dies_with_the_process_that_does_it_only_if_all_of_it_did() -> None:
    """API and worker, the API alone, neither."""
    assert "given up with the worker" in said(lost.dies_with(made(cells=crashed())))
    only = [*survives(BASE, but={"A3": "lost"}), *survives(CELERY)]
    assert said(lost.dies_with(made(cells=only))) == "What runs in the API dies with the API."
    assert lost.dies_with(made(cells=survives(BASE))) is None


def test_a_fault_is_harmless_if_nobody_left_a_job_undone_or_did_one_twice() -> None:
    """One job takes it out of the list."""
    text = said(lost.harmless(made(cells=survives(CELERY, but={"W2": "twice"}))))
    assert "when the API is deployed, the API crashes or the worker is deployed" in text
    assert lost.harmless(made(cells=[Cell("A3", BASE, counts={"lost": 1})])) is None


def test_jobs_done_twice_are_counted_or_said_to_be_none() -> None:
    """Over all faults."""
    twice = made(cells=survives(CELERY, but={"W2": "twice"}))
    assert "5 of 240 with Celery" in said(lost.done_twice(twice))
    none = said(lost.done_twice(made(cells=survives(CELERY))))
    assert none == "No job was done twice with Celery."
    assert lost.done_twice(made()) is None


def test_none_lost_has_the_episodes_and_the_bound_near_it() -> None:
    """Three episodes leave room for 63 %."""
    assert "None lost in 3 episodes" in said(lost.bound(made(cells=survives(CELERY))))
    assert "63 %" in said(lost.bound(made(cells=survives(CELERY))))
    assert lost.bound(made(cells=[Cell("A3", BASE, counts={"lost": 1})])) is None


def test_a_stuck_job_waits_for_the_queues_own_timeout() -> None:
    """Said where jobs were stuck, and of nobody else."""
    waits = {CELERY: 3600.0}
    text = said(lost.stuck_until(made(cells=crashed(), redelivery_s=waits)))
    assert text.endswith("up to an hour with Celery.")
    assert lost.stuck_until(made(cells=survives(CELERY), redelivery_s=waits)) is None


def test_no_setting_saves_in_process_work_unless_one_does() -> None:
    """All of the variants that were tried must have lost."""
    bad = [Cell("A3", BASE, "hardened", {"lost": 4})]
    assert "BackgroundTasks, hardened 4 lost of 60" in said(lost.no_setting_saves(made(cells=bad)))
    mixed = [*bad, Cell("A3", GATHER, "hardened")]
    assert lost.no_setting_saves(made(cells=mixed)) is None


def test_safe_is_not_perfect_where_it_lost_in_a_harsher_fault() -> None:
    """The loss with its denominator; nothing to say of what lost nothing."""
    text = said(lost.not_zero(made(cells=crashed())))
    assert text == "Safe is not perfect. Celery, hardened: 5 lost of 60 when the broker crashes."
    assert lost.not_zero(made(cells=survives(CELERY))) is None


def test_what_settings_buy_is_counted_over_the_same_faults() -> None:
    """Beside the default; nothing to say without a variant."""
    text = said(settings.settings_buy(made(cells=crashed())))
    assert "Celery, hardened: 0 of 240 left undone, 10 of 240 by default" in text
    assert settings.settings_buy(made(cells=survives(CELERY))) is None
    assert said(settings.settings_take(made(cells=crashed()))) == (
        "None of these variants did a job twice."
    )
    twice = [*survives(CELERY), *survives(CELERY, "hardened", but={"W2": "twice"})]
    assert "5 of 240 with Celery, hardened" in said(settings.settings_take(made(cells=twice)))


def test_what_a_variant_takes_in_time_is_beside_its_default() -> None:
    """Of variants that were timed."""
    text = said(settings.settings_slow(made(variants=HARDENED)))
    assert "Celery, hardened answers +0.20 ms and is done +1.0 ms" in text
    assert "RQ, hardened answers +0.10 ms and is done \N{MINUS SIGN}3.0 ms" in text
    assert settings.settings_slow(made()) is None


def test_the_number_of_settings_is_that_of_each_variant() -> None:
    """One is one setting."""
    facts = made()
    one = (Setting(name="a", value="1", why="b", source="c"),)
    known = Facts(Tables(facts.tables.record, facts.tables.frames, {Who(CELERY, "hardened"): one}))
    assert settings.how_many(known) == "1 setting with Celery, hardened."
    assert settings.how_many(facts) is None


def test_a_million_jobs_and_memory_and_who_costs_most() -> None:
    """CPU per job in other words; nothing without usage."""
    assert "1.4 with BackgroundTasks" in said(cost.million(made()))
    assert "50 MiB in process" in said(cost.memory(made()))
    assert said(cost.dearest(made())) == "RQ costs most: What it does."
    bare = made(used=False)
    assert (cost.million(bare), cost.memory(bare), cost.dearest(bare)) == (None, None, None)


def test_a_capacity_that_was_searched_for_takes_the_place_of_the_estimate() -> None:
    """The slowest first, with its interval; else one core over CPU per job."""
    found = made(limits={BASE: 200.0, RQ: 9.0})
    assert "9.0/s with RQ (8.1 to 9.9), 200/s" not in said(load.capacities(found))
    assert "9.0/s with RQ (8.1 to 9.9) and 200/s with BackgroundTasks" in said(
        load.capacities(found)
    )
    assert load.ceilings(found) is None
    assert load.capacities(made()) is None
    assert "about 200/s with BackgroundTasks" in said(load.ceilings(made()))


def test_who_does_not_keep_up_is_named() -> None:
    """Below three quarters of the rate; else everybody kept up."""
    assert "everybody kept up" in said(load.kept_up(made(goodput={BASE: 5.0, RQ: 4.5})))
    behind = said(load.kept_up(made(goodput={BASE: 5.0, RQ: 2.0})))
    assert behind == "Did not keep up: RQ did 2.0 of 5 a second (Mail after sign-up)."
    assert load.kept_up(made()) is None


def test_checks_fail_at_the_top_level() -> None:
    """A failed one is listed beside those that passed."""
    well = {one.title: one.is_well for one in checks.checks(made())}
    assert well == {
        "The same thing twice": True, "Gates": True, "A punctual generator": True,
        "A steady machine": True,
    }  # fmt: skip
    bad = {one.title: one.is_well for one in checks.checks(made(invalid=1, copy="different"))}
    assert (bad["The same thing twice"], bad["Gates"]) == (False, False)


def test_what_the_run_does_not_say_has_the_command_that_says_it() -> None:
    """Faults, capacity and verdicts that the run has are not listed."""

    def open_(facts: Facts) -> str:
        return " ".join(f"{text} {command}" for text, command in limits.limits(facts))

    assert "What is lost when something breaks. make bench PROFILE=faults" in open_(made())
    assert "What is lost" not in open_(made(cells=crashed()))
    assert "PROFILE=capacity" not in open_(made(limits={BASE: 9.0}))
    assert "too few blocks" in open_(made(blocks=1))
    assert "too few blocks" not in open_(made())


def test_no_sentence_shows_an_identifier() -> None:
    """Labels and docstrings' words alone."""
    facts = made(cells=crashed(), variants=HARDENED, goodput={RQ: 1.0}, limits={RQ: 1.0})
    every: Iterable[str | None] = (
        top.headline(facts), top.answer_times(facts), top.api_crash(facts),
        top.worker_crash(facts), top.price(facts), advice.advice(facts), which.per_crash(facts),
        lost.harmless(facts), lost.not_zero(facts), settings.settings_buy(facts),
        load.kept_up(facts), load.capacities(facts), soon.done_times(facts),
    )  # fmt: skip
    text = " ".join(filter(None, every))
    for identifier in (BASE, "_queue", "documented", "signup", "shared-core", " A3", "W2"):
        assert identifier not in text
    assert all(label in text for label in LABELS.values())


def test_every_sentence_has_a_rule() -> None:
    """The page lists them all."""
    for module in (top, advice, which, soon, lost, settings, cost, load, trust, checks, limits):
        said_here = [name for name in vars(module) if name.replace("_", " ") in RULES]
        assert said_here or module is advice, module.__name__
    assert len(RULES) > 30
    assert all(RULES.values())
