"""Tests of the steps and of the one way they are done."""
