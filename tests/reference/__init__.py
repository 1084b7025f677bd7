"""The reference runs: what of a run is kept in the repository, and the README's finding."""
