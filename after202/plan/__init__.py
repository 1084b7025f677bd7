"""Plans a profile's trials, and the trials that follow from their results; starts nothing."""
