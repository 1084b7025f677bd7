"""Machines and processes: where parts run, on which processors, and how they are ended."""
