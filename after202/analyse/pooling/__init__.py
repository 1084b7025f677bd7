"""Several runs of one profile, pooled: each is a session, and its machine another."""
