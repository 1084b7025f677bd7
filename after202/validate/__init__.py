"""The harness against known answers: each file of `checks` is one, and says pass or fail."""
