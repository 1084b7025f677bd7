"""What one trial shows: a reader for each kind."""
