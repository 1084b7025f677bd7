"""The contract of a strategy, checked on real services: what docs/adding.md asks of its author."""
