"""Tests of the API as each strategy serves it."""
