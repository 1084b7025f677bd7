"""The measuring half: from a profile to folders of raw events."""
