"""A variant that a profile overrides: what it tells of itself, and what the library is told."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from after202.kernel.errors import UsageError
from after202.kernel.model import Setting, Wiring
from apps import _lossy, celery_queue
from tests.project import ROOT
from workers.celery_settings import CONFIGURATION

CONFIGURED = """
import json
from workers import celery_queue
from workers.settings import settings
celery_queue.connect(settings())
conf = celery_queue.app.conf
names = ("worker_prefetch_multiplier", "task_acks_late", "visibility_timeout",
         "broker_transport_options", "result_backend_transport_options")
print(json.dumps({name: conf.get(name) for name in names}))
"""


def configured(variant: str, **overrides: Any) -> dict[str, Any]:
    """Return what Celery itself has in a process that was given this wiring."""
    wiring = Wiring(variant=variant, overrides=overrides)
    environment = {**os.environ, **wiring.environment()}
    command = [sys.executable, "-c", CONFIGURED]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.processes
def test_celery_is_configured_as_the_profile_says_in_both_processes() -> None:
    """API and worker connect by the same function, which reads the wiring in the environment."""
    usual = configured("documented")
    assert usual["worker_prefetch_multiplier"] == 4
    found = configured("documented", worker_prefetch_multiplier=1, visibility_timeout=7)
    assert found["worker_prefetch_multiplier"] == 1
    assert found["task_acks_late"] is usual["task_acks_late"] is False
    assert found["broker_transport_options"]["visibility_timeout"] == 7
    assert found["result_backend_transport_options"] == {"visibility_timeout": 7}
    assert found["visibility_timeout"] == 7


@pytest.mark.processes
def test_what_is_not_overridden_stays_as_the_variant_has_it() -> None:
    """A hardened transport keeps its time-outs beside another visibility timeout."""
    usual, found = configured("hardened"), configured("hardened", visibility_timeout=7)
    options = found["broker_transport_options"]
    own = ("unacked_key", "unacked_index_key", "unacked_mutex_key")
    assert options == {**usual["broker_transport_options"], "visibility_timeout": 7}
    assert set(options) >= {"socket_timeout", *own}


def test_the_settings_of_an_overridden_variant_say_that_the_profile_sets_them() -> None:
    """With their new values, once each, and the bound on redelivery that follows."""
    given: dict[str, Any] = {"worker_prefetch_multiplier": 2, "visibility_timeout": 5}
    facts = celery_queue.STRATEGY.facts(Wiring(variant="hardened", overrides=given))
    (prefetch,) = (one for one in facts.settings if one.name == "worker_prefetch_multiplier")
    assert prefetch == Setting(
        name="worker_prefetch_multiplier",
        value="2",
        why="the profile sets worker_prefetch_multiplier = 2, visibility_timeout = 5",
        source=CONFIGURATION,
    )
    (transport,) = (one for one in facts.settings if one.name == "broker_transport_options")
    assert "'visibility_timeout': 5" in transport.value
    assert facts.redelivery_s == 6
    assert facts.overridable["visibility_timeout"] == 5


def test_the_bound_on_redelivery_is_the_same_by_both_ways() -> None:
    """What a variant states, and what follows from its configuration."""
    for variant in celery_queue.STRATEGY.variants:
        usual = celery_queue.STRATEGY.facts(Wiring(variant=variant))
        changed = Wiring(variant=variant, overrides={"task_acks_late": True})
        assert celery_queue.STRATEGY.facts(changed).redelivery_s == usual.redelivery_s


def test_a_wrapped_strategy_can_be_overridden_too() -> None:
    """It still forgets, and its facts are those of the strategy that it wraps."""
    wrapped = _lossy.over(celery_queue.STRATEGY)
    wiring = Wiring(variant="documented", overrides={"visibility_timeout": 5})
    assert wrapped.facts(wiring).redelivery_s == celery_queue.STRATEGY.facts(wiring).redelivery_s
    assert wrapped.variant(wiring).submit.__qualname__.startswith("forgetful")


def test_a_process_refuses_what_its_variant_does_not_have() -> None:
    """The harness has checked it before; whoever starts an API by hand is told as well."""
    with pytest.raises(UsageError, match="unknown 'prefetch': a profile may set task_acks_late"):
        celery_queue.STRATEGY.variant(Wiring(overrides={"prefetch": 1}))
