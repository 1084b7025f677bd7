"""What a strategy is: how each of its variants submits a job, and how it describes itself."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Protocol, Self, TypeVar

from fastapi import BackgroundTasks

from after202.kernel.errors import UsageError
from after202.kernel.model import Job, Setting, VariantFacts, Wiring
from after202.kernel.overrides import Scalar, declared, require_declared
from workers.services import database
from workers.services.database import Row

Submit = Callable[[Job, BackgroundTasks], Awaitable[None]]
SubmitWith = Callable[[Job, Row], Awaitable[None]]
Settings = Callable[[Wiring], tuple[Setting, ...]]
Running = Callable[[Wiring], AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class Variant:
    """One way to set a strategy up: what it does with a job, and the settings behind that.

    `submit(job, background_tasks)` returns when the work is done, handed over or stored; the
    answer follows. `redelivery_s` is the longest time, in seconds, until the queue redelivers what
    a dead worker held; None if nothing is held. `stop_grace_s` is how many seconds a supervisor
    should wait between TERM and KILL; None leaves that to the supervisor. `server` holds options of
    uvicorn beside those that all strategies share; each has its entry in `settings`. `overridable`
    are the settings that a profile may override, with their values; `overridden(values)` returns
    the variant with other values of some of them. `submit_with(job, row)` commits a request's own
    row and hands over the job in one transaction; without it the row is committed first, and then
    the job is submitted. With `one_database` the workloads' tables are in the broker's database.
    """

    submit: Submit
    settings: tuple[Setting, ...] = ()
    redelivery_s: float | None = None
    stop_grace_s: float | None = None
    server: Mapping[str, Any] = field(default_factory=dict)
    overridable: Mapping[str, Scalar] = field(default_factory=dict)
    overridden: Callable[[Mapping[str, Scalar]], "Variant"] | None = None
    submit_with: SubmitWith | None = None
    one_database: bool = False

    async def accept(self, job: Job, background_tasks: BackgroundTasks, row: Row | None) -> None:
        """Write the request's own row, if it has one, and submit the job."""
        if row is not None and self.submit_with is not None:
            await self.submit_with(job, row)
            return
        if row is not None:
            await database.insert_async(row)
        await self.submit(job, background_tasks)

    def with_overrides(self, given: Mapping[str, Scalar]) -> "Variant":
        """Return the variant with the values given; UsageError if it has no such settings."""
        require_declared("the variant", given, declared(self.overridable))
        return self.overridden(given) if given and self.overridden else self

    def with_submit(self, changed: Callable[[Submit], Submit]) -> "Variant":
        """Return the variant submitting as `changed` says, whatever a profile overrides."""

        def overridden(given: Mapping[str, Scalar]) -> Variant:
            return self.with_overrides(given).with_submit(changed)

        return replace(self, submit=changed(self.submit), overridden=overridden, submit_with=None)


class Configured(Protocol):
    """One way to set a library up, as the module of its worker declares it."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All settings."""

    @property
    def redelivery_s(self) -> float | None:
        """How long what a dead worker held waits at most."""

    @property
    def stop_grace_s(self) -> float | None:
        """How long a deploy waits for the worker."""

    @property
    def overridable(self) -> dict[str, Scalar]:
        """What a profile may override, with the values that it has."""

    def overridden(self, given: Mapping[str, Scalar]) -> Self:
        """Return the same with the values that a profile sets."""


C = TypeVar("C", bound=Configured)


def variant_of(
    setup: C,
    submit_of: Callable[[C], Submit],
    submit_with_of: Callable[[C], SubmitWith] | None = None,
    *,
    one_database: bool = False,
) -> Variant:
    """Return the variant that a setup describes, and that submits as `submit_of` says of it.

    `submit_with_of` says how it submits a job in one transaction with the request's own row.
    """

    def overridden(given: Mapping[str, Scalar]) -> Variant:
        changed = setup.overridden(given)
        return variant_of(changed, submit_of, submit_with_of, one_database=one_database)

    return Variant(
        submit_of(setup),
        settings=setup.settings,
        redelivery_s=setup.redelivery_s,
        stop_grace_s=setup.stop_grace_s,
        overridable=setup.overridable,
        overridden=overridden,
        submit_with=submit_with_of(setup) if submit_with_of else None,
        one_database=one_database,
    )


def no_settings(_: Wiring) -> tuple[Setting, ...]:
    """Return no settings: the library's defaults apply."""
    return ()


@asynccontextmanager
async def nothing(_: Wiring) -> AsyncIterator[None]:
    """Do nothing while the API runs: the strategy needs no connection."""
    yield


class Strategy:
    """A strategy and its variants; each variant is a keyword argument, and the keyword is its name.

    `label` is the strategy's name in reports; `broker` is the name of a broker. `settings` returns
    the settings that all variants share. `running` is entered while the API runs: connect there.
    `prepare` is called once, before the API and the worker start. `message_cpu_s` is roughly the
    CPU time that a message costs the worker, apart from the work; only estimates of a run's
    duration use it.
    """

    def __init__(  # noqa: PLR0913 - one keyword per fact
        self,
        label: str,
        *,
        broker: str | None = None,
        settings: Settings = no_settings,
        running: Running = nothing,
        prepare: Callable[[Wiring], None] | None = None,
        message_cpu_s: float = 0.0,
        **variants: Variant,
    ) -> None:
        """Keep the variants in the order given, `documented` first."""
        self.label = label
        self.broker = broker
        self.settings = settings
        self.running = running
        self.prepare = prepare
        self.message_cpu_s = message_cpu_s
        self.variants: Mapping[str, Variant] = MappingProxyType(variants)

    def variant(self, wiring: Wiring) -> Variant:
        """Return the variant that the wiring names, with what it overrides.

        UsageError if there is no such variant, or if it does not have such settings.
        """
        if wiring.variant not in self.variants:
            there = ", ".join(self.variants)
            raise UsageError(f"unknown variant {wiring.variant!r}: there are {there}")
        return self.variants[wiring.variant].with_overrides(wiring.overrides)

    def facts(self, wiring: Wiring) -> VariantFacts:
        """Return that variant's description of itself, including the settings that all share."""
        chosen = self.variant(wiring)
        return VariantFacts(
            settings=(*self.settings(wiring), *chosen.settings),
            redelivery_s=chosen.redelivery_s,
            stop_grace_s=chosen.stop_grace_s,
            overridable=dict(chosen.overridable),
            one_database=chosen.one_database,
        )

    def with_variants(self, label: str, variants: Mapping[str, Variant]) -> "Strategy":
        """Return a copy of the strategy with another label and other variants."""
        other = copy(self)
        other.label, other.variants = label, MappingProxyType(dict(variants))
        return other

    def with_submit(self, label: str, changed: Callable[[Submit], Submit]) -> "Strategy":
        """Return the same strategy under a label; each variant submits as `changed` says."""
        variants = {name: one.with_submit(changed) for name, one in self.variants.items()}
        return self.with_variants(label, variants)
