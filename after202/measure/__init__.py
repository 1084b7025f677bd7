"""The measuring half: from the trials of a plan to folders of raw events."""
