"""The embedded stack: child processes on 127.0.0.1, no root, no Docker.

The services that workloads use live as long as the run. The system under test (API, workers,
broker) and everything that could leak from one trial to the next (cache, database, files) are new
for every trial.
"""
