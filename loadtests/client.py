"""The HTTP client of a generator process: geventhttpclient, without retries or late checks."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import geventhttpclient.client
import geventhttpclient.connectionpool
from gevent.monkey import get_original
from geventhttpclient import HTTPClient

from after202.kernel.model import key_header

if TYPE_CHECKING:
    from geventhttpclient.header import Headers

CONCURRENCY = 4096

# A retry would send one job's id twice. POST is never retried; this stops retries of GET too.
geventhttpclient.client.IDEMPOTENT_METHODS = frozenset()
# Before each request, a kept connection is checked with `select`. gevent's version yields to other
# greenlets, so the request would be sent later than its recorded time.
geventhttpclient.connectionpool.select = SimpleNamespace(select=get_original("select", "select"))


class PlainHeaders(dict[str, str]):
    """Headers keyed by their names as written, because folding case costs time in every request.

    Our own headers are always written the same way, and no header of an answer is read.
    """

    add = dict.__setitem__


def client(url: str, timeout_s: float, key: str = "") -> HTTPClient:
    """Return a client that shows a server its key; its requests do not wait for each other."""
    return HTTPClient.from_url(
        url,
        headers=key_header(key),
        concurrency=CONCURRENCY,
        network_timeout=timeout_s,
        connection_timeout=timeout_s,
        headers_type=cast("type[Headers]", PlainHeaders),
    )
