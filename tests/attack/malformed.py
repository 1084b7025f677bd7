"""Malformed profiles in families: each a text that is refused, under a name that says why."""

from collections.abc import Iterator
from pathlib import Path

COMPARISON = {"workload": '"login"', "rate_per_s": "5", "blocks": "1", "window_s": "1"}
MATRIX = {"faults": '["A3"]', "rate_per_s": "5", "episodes": "1", "window_s": "2"}
CAPACITY = {"workload": '"login"', "level": "{ response_ms = 10, completion_ms = 100 }"}
TOP = {"description": '"x"', "baseline": '"inline"', "strategies": '["inline"]'}
ROOMS = {"": TOP, "comparison": COMPARISON, "matrix": MATRIX, "capacity": CAPACITY}

# Fields by what they hold, and what they must not hold.
NUMBERS = {
    "": ("slots", "repeats", "mail_delay_ms", "side_by_side"),
    "comparison": ("rate_per_s", "blocks", "window_s", "warm_up_s", "drain_s", "bystander_per_s",
                   "rest_s", "turns", "baseline_copies"),
    "matrix": ("rate_per_s", "episodes", "window_s", "fault_after_s", "deadline_s", "drain_s",
               "horizon_s"),
    "capacity": ("start_per_s", "confirmations", "warm_up_s", "window_s"),
}  # fmt: skip
TEXTS = {
    "": ("baseline",), "comparison": ("workload", "arrivals"),
    "matrix": ("workload", "arrivals"), "capacity": ("workload", "arrivals"),
}  # fmt: skip
LISTS = {"": ("strategies", "variants"),
         "matrix": ("faults", "strategies", "variants", "durabilities")}  # fmt: skip
NO_NUMBERS = (
    "-1", "nan", "inf", "-inf", "1e300", "1" + "0" * 30, "1" + "0" * 5000, "true", '"5"', '""',
    "[5]", "{}", "1979-05-27", "07:32:00",
)  # fmt: skip
NO_TEXTS = ("1", "true", "nan", "[]", '["login"]', "{}", "1979-05-27", '"nonsense"', '""',
            '"../login"', '"a\\u0000b"', '"a\\nb"', '"' + "x" * 300 + '"')  # fmt: skip
NO_LISTS = ('"inline"', "1", "true", "{}", "[1]", "[true]", "[[]]", '[["inline"]]', '["nonsense"]',
            '[""]', '["inline", "inline"]', '["../inline"]', '["__init__"]',
            '["a\\u0000b"]', '["' + "x" * 5000 + '"]')  # fmt: skip
DEPTH, DIGITS, LONG = 5000, 5000, 300


def profile(room: str = "", **fields: str) -> str:
    """Return a profile's text, sound but for these fields of one room."""
    return "".join(_room(name, fields if name == room else {}) for name in ROOMS)


def _room(name: str, fields: dict[str, str]) -> str:
    title = {"": "", "capacity": "[capacity]\n"}.get(name, f"[[{name}]]\n")
    return title + "".join(f"{k} = {v}\n" for k, v in {**ROOMS[name], **fields}.items())


def texts() -> Iterator[tuple[str, str | bytes]]:
    """Yield every malformed profile, named."""
    yield from _of_fields()
    for name, text in (_EDITED | _STRUCTURES).items():
        yield name, text
    for name, content in _BYTES.items():
        yield name, content


def _of_fields() -> Iterator[tuple[str, str]]:
    """Yield each field with values that it must not have, in turn, so that all values are used."""
    for fields_of, values, each in ((NUMBERS, NO_NUMBERS, 3), (TEXTS, NO_TEXTS, 4),
                                    (LISTS, NO_LISTS, 6)):  # fmt: skip
        count = 0
        for room, fields in fields_of.items():
            for field in fields:
                for _ in range(each):
                    value = values[count % len(values)]
                    count += 1
                    yield f"{room}.{field} = {value[:24]}", profile(room, **{field: value})


def _level(**fields: str) -> str:
    every = {"response_ms": "10", "completion_ms": "100", **fields}
    members = ", ".join(f"{name} = {value}" for name, value in every.items())
    return profile("capacity", level=f"{{ {members} }}")


_SOUND = profile()
_EDITED = {
    **{f"level: response_ms = {v}": _level(response_ms=v)
       for v in ("0", "nan", "inf", '"1"', "true")},
    **{f"level: completion_ms = {v}": _level(completion_ms=v) for v in ("-1", "1e300", "1e-300")},
    **{f"level: quantile {v}": _level(response_quantile=v) for v in ("0", "1", "0.9999999", "nan")},
    **{f"share {v}": profile("comparison", share_of_capacity=v).replace("rate_per_s = 5", "", 1)
       for v in ("0", "1", "-1", "nan", "1e-300", '"0.5"')},
    **{f"seed = {v[:24]}": profile(seed=v)
       for v in ('"1"', "true", "nan", "1.5", "[]", "1979-05-27", "1" + "0" * 19, "-1" + "0" * 19)},
    "both a rate and a share": profile("comparison", share_of_capacity="0.5"),
    "neither a rate nor a share": _SOUND.replace("rate_per_s = 5", "", 1),
    "less than one request": profile("comparison", rate_per_s="0.5"),
    "a fault without a request": profile("matrix", rate_per_s="0.1"),
    "a fault after the load": profile("matrix", fault_after_s="2"),
    "a comparison twice": _SOUND + _room("comparison", {}),
    "a matrix twice": _SOUND + _room("matrix", {}),
    "a baseline outside": profile(baseline='"gather"'),
    "a strategy outside": profile("matrix", strategies='["rq_queue"]'),
    "a durability that no broker has": profile("matrix", durabilities='["tape"]'),
    "a fault in small letters": profile("matrix", faults='["a3"]'),
    "unknown field": profile(unknown="1"),
    "unknown field of a comparison": profile("comparison", unknown="1"),
    "unknown field of a level": _level(unknown="1"),
    "a very long field": profile(**{"x" * 5000: "1"}),
    "no description": _SOUND.replace('description = "x"\n', ""),
    "no work": "".join(f"{name} = {value}\n" for name, value in TOP.items()),
}  # fmt: skip
_STRUCTURES = {
    "empty": "",
    "no TOML": "this is not TOML",
    "JSON": '{"description": "x"}',
    "a table twice": _SOUND + _room("capacity", {}),
    "a field twice": 'description = "y"\n' + _SOUND,
    "tables that are one table": _SOUND.replace("[[comparison]]", "[comparison]"),
    "a table that is many": _SOUND.replace("[capacity]", "[[capacity]]"),
    "tables that are numbers": "comparison = 1\n" + _SOUND.replace("[[comparison]]", "[x]"),
    "deep lists": f"deep = {'[' * DEPTH}{']' * DEPTH}\n{_SOUND}",
    "deep tables": f"deep = {'{ a = ' * DEPTH}1{' }' * DEPTH}\n{_SOUND}",
    "deep dots": f"{'.'.join('a' * DEPTH)} = 1\n{_SOUND}",
    "unclosed text": _SOUND + 'x = "',
    "half a character": profile(description='"\\ud800"'),
    "a byte order mark": "\ufeff" + _SOUND,
    "a NUL": _SOUND + "\0",
    "an escape": _SOUND + "# \x1b[31m",
}
_BYTES = {
    "Latin-1": 'description = "\xe9"\n'.encode("latin-1"),
    "UTF-16": _SOUND.encode("utf-16"),
    "half of UTF-8": b'description = "\xe2\x82"\n',
    "noise": bytes(range(256)) * 10,
}

# Strategies that are files: (name, what is in it; None if it does not exist).
STRATEGY_FILES: dict[str, tuple[str, str | None]] = {
    "missing": ("missing.py", None),
    "in a folder that is missing": ("nowhere/mine.py", None),
    "above": ("../../../../../../../nowhere/mine.py", None),
    "no name": (".py", ""),
    "empty": ("mine.py", ""),
    "not Python": ("mine.py", "this is not Python"),
    "bytes": ("mine.py", "\0\x01"),
    "raises": ("mine.py", "raise RuntimeError('two\\nlines ' + 'x' * 5000)\n"),
    "exits": ("mine.py", "raise SystemExit(0)\n"),
    "no strategy": ("mine.py", "STRATEGY = 1\n"),
    "hangs": ("mine.py", "import time\ntime.sleep(600)\n"),
    "the name of another": ("gather.py", "STRATEGY = 1\n"),
    "too long": ("x" * LONG + ".py", None),
    "a NUL": ("a\\u0000.py", None),
}


def with_file(path: Path) -> str:
    """Return a sound profile that names one more strategy: a file."""
    shown = str(path).replace("\0", "\\u0000")
    return profile(strategies=f'["inline", "{shown}"]')


def sound() -> str:
    """Return the profile that all others are changed from."""
    return _SOUND
