"""What one run of a claim's experiment saw."""

# A figure's value, by condition and by the figure's name, which ends in its unit. None is what did
# not happen.
Evidence = dict[str, dict[str, float | None]]
