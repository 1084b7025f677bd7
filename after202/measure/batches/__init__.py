"""Carries out batches: one trial, a block that takes turns, or episodes side by side."""
