"""For each claim, evidence that leads to each of its verdicts."""
