"""A profile that contradicts itself is refused in one line, before anything starts."""

from pathlib import Path

import pytest

from after202.kernel.errors import UsageError
from after202.plan import reading

COMPARISON = """
description = "x"
baseline = "inline"
strategies = ["inline", "gather"]

[[comparison]]
workload = "login"
rate_per_s = 5
blocks = 1
window_s = 1
"""
OWN_SHARE = COMPARISON.replace("rate_per_s = 5", "share_of_own_capacity = 0.5")
DESCRIPTION = 'description = "x"'
MATRIX = f"""
{DESCRIPTION}

[[matrix]]
faults = ["A3"]
rate_per_s = 5
episodes = 1
window_s = 4
"""
CAPACITY = """
[capacity]
workload = "login"
level = { response_ms = inf, completion_ms = 100 }
"""


def read(text: str, folder: Path) -> None:
    """Read a profile of this text."""
    path = folder / "mine.toml"
    path.write_text(text)
    reading.read(str(path))


def test_what_does_not_contradict_itself_is_read(tmp_path: Path) -> None:
    """The profiles that the cases below are changed from, and all that ship."""
    read(COMPARISON, tmp_path)
    read(MATRIX, tmp_path)
    for name in reading.names():
        reading.read(name)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (COMPARISON.replace('"gather"', '"inline"'), "strategies: 'inline' is listed twice"),
        (COMPARISON.replace("strategies", 'variants = ["hardened", "hardened"]\nstrategies'),
         "variants: 'hardened' is listed twice"),
        (COMPARISON.replace('baseline = "inline"', ""), "baseline 'background_tasks' is not among"),
        (COMPARISON.replace("rate_per_s = 5", "rate_per_s = 0.5"), "less than one request"),
        (COMPARISON.replace("blocks = 1", "blocks = true"), "comparison.0.blocks"),
        (COMPARISON.replace("description", "slots = true\ndescription"), "slots"),
        (COMPARISON + CAPACITY, "an infinite limit"),
        (MATRIX.replace('["A3"]', '["A3", "A3"]'), "matrix.0.faults: 'A3' is listed twice"),
        (MATRIX.replace("window_s = 4", "window_s = 4\nfault_after_s = 4"), "strikes after 4 s"),
        (COMPARISON.replace('"gather"', '"a/mine.py", "b/mine.py"'), "'mine' is listed twice"),
        (COMPARISON + MATRIX.replace(DESCRIPTION, "") + 'strategies = ["rq_queue"]',
         "matrix.0.strategies: 'rq_queue' is not among"),
        (COMPARISON + COMPARISON[COMPARISON.index("[["):], "comparison.1 is the same as"),
        (COMPARISON + COMPARISON[COMPARISON.index("[["):] + 'layouts = ["worker-apart"]',
         "comparison.1 is the same as"),
        (COMPARISON + "slots = [2, 2]", "comparison.0.slots: 2 is listed twice"),
        (COMPARISON + 'layouts = ["shared-core", "shared-core"]', "'shared-core' is listed twice"),
        (COMPARISON + 'layouts = ["apart"]', "comparison.0.layouts.0"),
        (COMPARISON + "api_processes = [0]", "comparison.0.api_processes.0"),
        (COMPARISON + 'strategies = ["rq_queue"]', "comparison.0.strategies: 'rq_queue' is not"),
        (COMPARISON + 'variants = ["hardened"]', "comparison.0.variants: the baseline is measured"),
        (OWN_SHARE + "slots = [2]" + CAPACITY.replace("inf", "50"), "leave out layouts"),
        (OWN_SHARE + "baseline_copies = 2" + CAPACITY.replace("inf", "50"),
         "leave out baseline_copies"),
        (OWN_SHARE, "share_of_own_capacity needs a [capacity]"),
        (MATRIX + MATRIX.replace(DESCRIPTION, ""), "matrix.1 is the same as matrix.0"),
        (MATRIX.replace("rate_per_s = 5", "rate_per_s = 0.2"), "less than one request"),
        (COMPARISON + CAPACITY.replace("inf", "1e-9"), "none keeps one below 0.01 ms"),
        (COMPARISON + CAPACITY.replace("inf", "1e300"), "wait for hours"),
        (COMPARISON + CAPACITY.replace("inf", "10, response_quantile = 0.9999999"),
         "requests per probe: choose a lower one"),
        (COMPARISON.replace("blocks = 1", f"blocks = 1{'0' * 5000}"), "cannot be read"),
        (COMPARISON + "x = " + "[" * 5000, "cannot be read"),
    ],
)  # fmt: skip
def test_a_contradiction_is_one_line(text: str, words: str, tmp_path: Path) -> None:
    """It says where, and what is wrong."""
    with pytest.raises(UsageError) as caught:
        read(text, tmp_path)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
