"""Servers as child processes: Valkey, PostgreSQL, RabbitMQ, and the mail server."""
