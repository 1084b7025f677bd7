"""Tests of the stack in containers."""
