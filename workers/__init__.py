"""Where work is done: the workloads, the services they use, and the workers of the queues."""
