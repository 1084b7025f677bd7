"""The HTTP client of a generator process: geventhttpclient, with what it must not do turned off."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import geventhttpclient.client
import geventhttpclient.connectionpool
from gevent.monkey import get_original
from geventhttpclient import HTTPClient

if TYPE_CHECKING:
    from geventhttpclient.header import Headers

CONCURRENCY = 4096

# A retry would send one job's id twice. POST is never retried; neither is GET from here on.
geventhttpclient.client.IDEMPOTENT_METHODS = frozenset()
# Whether a kept connection is alive is asked before each request. gevent's own way to ask gives way
# to whatever else is ready, and the request would leave so much later than is recorded.
geventhttpclient.connectionpool.select = SimpleNamespace(select=get_original("select", "select"))


class PlainHeaders(dict[str, str]):
    """Headers by their names as they are written: to fold each one's case takes time per request.

    Ours are written in one way, and of an answer's none is read.
    """

    add = dict.__setitem__


def client(url: str, timeout_s: float) -> HTTPClient:
    """Return a client of a server, whose requests do not wait for each other."""
    return HTTPClient.from_url(
        url,
        concurrency=CONCURRENCY,
        network_timeout=timeout_s,
        connection_timeout=timeout_s,
        headers_type=cast("type[Headers]", PlainHeaders),
    )
