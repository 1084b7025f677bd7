"""Text that comes from elsewhere, made safe to show: no control characters, no passwords."""

import re

KEPT = "\n\t"
HIDDEN = "***"
_IN_URL = re.compile(r"(?<=://)([^\s:@/]*):[^\s/]*@")
_IN_QUERY = re.compile(r"([?&][a-z_]*password=)[^\s&]*", re.IGNORECASE)


def masked(text: str) -> str:
    """Return the text with the password of every URL in it hidden."""
    return _IN_QUERY.sub(rf"\1{HIDDEN}", _IN_URL.sub(rf"\1:{HIDDEN}@", text))


def printable(text: str) -> str:
    """Return the text with every control character written out, so that no terminal obeys it."""
    return "".join(one if one.isprintable() or one in KEPT else ascii(one)[1:-1] for one in text)
