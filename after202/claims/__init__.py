"""Puts claims to the test: the lab for experiments, and the session of them."""
