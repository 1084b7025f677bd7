"""Clients of the real parts that the steps use, each in a sync and an async form."""

from workers.services import cache, database


async def close() -> None:
    """Close what the async forms hold open in this process."""
    await cache.close()
    await database.close()
