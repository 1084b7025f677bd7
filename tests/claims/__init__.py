"""Tests of the claims: their judges, their lab and their session."""
