"""The named colours of the charts. A colour says what a mark means, never whose it is.

Charts are drawn in the light colours. In a page each becomes `var(--NAME)`, so that one drawing
serves light and dark.
"""

LIGHT = {
    "answer": "#0b62b0",
    "done": "#0b7568",
    "lost": "#bd2f10",
    "stuck": "#8f5600",
    "twice": "#6a48b8",
    "ink": "#15202b",
    "muted": "#54616e",
    "ground": "#ffffff",
    "rule": "#d8dee5",
}
DARK = {
    "answer": "#74b6f2",
    "done": "#58cbb2",
    "lost": "#ff8c6e",
    "stuck": "#eab354",
    "twice": "#bfa8ff",
    "ink": "#e7edf2",
    "muted": "#a3b0bc",
    "ground": "#0f1519",
    "rule": "#2c3740",
}
NAMES = tuple(LIGHT)
ANSWER, DONE, LOST, STUCK, TWICE, INK, MUTED, GROUND, RULE = LIGHT.values()


def variables(text: str) -> str:
    """Replace every colour of the palette by its CSS variable."""
    for name, colour in LIGHT.items():
        text = text.replace(colour, f"var(--{name})")
    return text


def css(colours: dict[str, str]) -> str:
    """Return the declarations of a palette, for a stylesheet."""
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())
