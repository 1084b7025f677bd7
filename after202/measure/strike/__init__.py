"""Faults: the injector, and the supervisor that restarts parts that ended."""
