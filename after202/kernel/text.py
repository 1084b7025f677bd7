"""Text that comes from elsewhere, made safe for a terminal."""

KEPT = "\n\t"


def printable(text: str) -> str:
    """Return the text with every control character written out, so that no terminal obeys it."""
    return "".join(one if one.isprintable() or one in KEPT else ascii(one)[1:-1] for one in text)
