"""The embedded stack: child processes on 127.0.0.1, no root, no Docker.

The services of the workloads live as long as the run; the system under test (API, workers,
broker) and whatever could leak from one trial to the next (cache, database, files) are new
for every trial.
"""
