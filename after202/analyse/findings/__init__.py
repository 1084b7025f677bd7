"""What a run shows: differences between arms, and what holds."""
