"""No text that comes from elsewhere moves a terminal's cursor or changes its colours."""

import pytest

from after202.kernel.text import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ä and 漢", "plain, ä and 漢"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("back\x08 bell\x07 return\r", "back\\x08 bell\\x07 return\\r"),
        ("turned\u202e round", "turned\\u202e round"),
    ],
)
def test_control_characters_are_written_out(text: str, shown: str) -> None:
    """Letters of every script stay; so do line ends."""
    assert printable(text) == shown
