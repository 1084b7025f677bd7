"""Tests of the analysing half."""
