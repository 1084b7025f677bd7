"""What became of each job: its history, its outcome class, and the guarantees over many jobs."""
