"""Clients of the services that steps use, each in a sync and an async form."""

from workers.services import cache, database


async def close() -> None:
    """Close the connections that the async forms hold open in this process."""
    await cache.close()
    await database.close()
