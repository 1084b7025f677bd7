"""Tests: the folders mirror the code's; services are real processes."""
