"""New post: update the cache and store the author's statistics, in any order."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from after202.kernel.model import Example
from workers.services import cache, database
from workers.workloads import Workload, effect

# PostgreSQL's text type holds every character except NUL.
Text = Annotated[str, Field(min_length=1, max_length=10_000, pattern=r"^[^\x00]+$")]


class Post(BaseModel):
    """A post as its author wrote it."""

    title: Text
    content: Text
    author: Text


async def request(post: Post) -> Post:
    """Take the request from the body."""
    return post


def cached_post(job_id: UUID, post: Post) -> cache.Entry:
    """Return the cache entry that keeps the rendered post for an hour."""
    return cache.Entry(f"post:{job_id}", f"{post.title}|{post.content}")


def statistics(job_id: UUID, post: Post) -> database.Row:
    """Return the row that records the post's number of words under its author."""
    statement = "INSERT INTO post_statistics (job_id, author, words) VALUES (%s, %s, %s)"
    return database.Row(statement, (job_id, post.author, len(post.content.split())))


WORKLOAD = Workload(
    path="/posts",
    model=Post,
    request=request,
    steps=(
        effect("cache", cached_post, cache.put, cache.put_async),
        effect("statistics", statistics, database.insert, database.insert_async),
    ),
    example=Example(
        method="POST",
        path="/posts",
        headers={"Content-Type": "application/json"},
        body='{"title": "Post {n}", "content": "Then what?", "author": "user{n}"}',
    ),
)
