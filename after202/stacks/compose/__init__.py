"""The compose stack: the services of docker-compose.yml, reached through their published ports."""
