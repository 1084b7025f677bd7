"""A check per file: `check(system)` yields what it found of one variant of a strategy."""
