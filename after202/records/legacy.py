"""Reads what earlier versions stored: schema 1 becomes today's, field by field.

Schema 2 is read as it is. It has no checksums, which schema 3 added. Runs without layouts were
measured on the shared core.

Schema 1 gives a trial's kind by `episode` and `is_probe`, calls a broker's durability `broker`, and
implies a fault's role by the first letter of its name.
"""

from collections.abc import Callable, Mapping
from typing import Any

Stored = Mapping[str, Any]
Read = Callable[[Stored], Stored]
# A drain ends after this time whatever the queue still holds.
LONGEST_HORIZON_S = 300.0
# Before offers said whether a workload sends mail, this was the one step that did.
MAIL_STEP = "welcome_mail"
ONLY_OF_EPISODES = ("fault", "fault_after_s", "deadline_s", "horizon_s")
ONLY_LAYOUT = "shared-core"
ROLES = {"A": "api", "W": "worker", "R": "broker", "N": "client", "T": "job"}


def of_any_schema(stored: Any, read: Read) -> Any:
    """Return a stored record in the current schema; ValueError if it fits no schema."""
    if not isinstance(stored, dict):
        return stored
    try:
        return read(stored)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a record of schema 1: {error!r}") from error


def trial_record(stored: Stored) -> Stored:
    """Return a stored `trial.json`, with its trial as one of the current kinds."""
    if not isinstance(stored.get("trial"), dict):
        return stored
    return {**stored, "trial": trial(stored["trial"]), "offer": offer(stored.get("offer"))}


def offer(stored: Any) -> Any:
    """Return a stored offer that says whether the workload sends mail."""
    if not isinstance(stored, dict) or "sends_mail" in stored:
        return stored
    return {**stored, "sends_mail": MAIL_STEP in stored["steps"]}


def run_record(stored: Stored) -> Stored:
    """Return a stored `run.json` in the current schema."""
    stored = _with_layouts(stored)
    if "schema" in stored or not isinstance(stored.get("profile"), dict):
        return stored
    profile = dict(stored["profile"])
    name = profile.pop("name", "")
    profile["matrix"] = [_matrix(one) for one in profile.get("matrix", ())]
    dropped = ("seed", "baseline", "baseline_variant", "level")
    kept = {key: value for key, value in stored.items() if key not in dropped}
    planned = [trial(one) for one in stored["planned"]]
    return {**kept, "profile_name": name, "profile": profile, "planned": planned}


def _with_layouts(stored: Stored) -> Stored:
    """Return a run with its processors by layout; before there were layouts, all was on one."""
    sets = stored.get("cpu_sets")
    if not isinstance(sets, dict) or not sets or any(isinstance(s, dict) for s in sets.values()):
        return stored
    return {**stored, "cpu_sets": {ONLY_LAYOUT: sets}}


def trial(stored: Stored) -> Stored:
    """Return a stored trial as one of the current kinds."""
    if "kind" in stored or "is_probe" not in stored:
        return stored
    found = dict(stored)
    number, is_probe = found.pop("episode"), found.pop("is_probe")
    repeats, durability = found.pop("repeats"), found.pop("broker")
    mine = {name: found.pop(name) for name in ONLY_OF_EPISODES}
    if number is not None:
        hits = ROLES.get(mine["fault"][:1])
        return {
            **found,
            **mine,
            "kind": "episode",
            "number": number,
            "hits": hits,
            "durability": durability,
        }
    return (
        {**found, "kind": "probe"}
        if is_probe
        else {**found, "kind": "comparison", "repeats": repeats}
    )


def _matrix(stored: Stored) -> Stored:
    found = dict(stored)
    found["durabilities"] = found.pop("brokers")
    # Schema 1 accepted a longer horizon, but the drain ended at this limit anyway.
    found["horizon_s"] = min(found["horizon_s"], LONGEST_HORIZON_S)
    return found
