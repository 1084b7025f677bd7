"""The seam between the two halves: what a run's folder holds, by file, field and column."""
