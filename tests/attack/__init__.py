"""Attacks on the bench, as a stranger, a bad disk and `kill -9` would: `make attack` runs them."""
