"""The stack: the system under test and the services of its workloads."""
