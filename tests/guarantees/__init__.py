"""The outcomes in docs/guarantees.md: made from a run, and held against what the page says."""
