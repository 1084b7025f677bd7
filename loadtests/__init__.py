"""The load on the system under test, and the faults that strike it."""
