"""Watches a trial while it runs: progress, resources, queues, and strangers on the broker."""
