"""What a trial runs on: child processes, or the services of docker-compose.yml."""
