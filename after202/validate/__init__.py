"""Tests of the harness against known answers: each file of `checks` is one, passed or failed."""
