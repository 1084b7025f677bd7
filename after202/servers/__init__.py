"""Servers as child processes: Valkey, PostgreSQL, and the mail server."""
