"""Tests of the measuring half."""
