"""Locust's web page in front of one strategy."""

import signal
import time
from urllib.request import urlopen

from after202.hosts.ports import free_port
from tests.project import Project

READY_S = 60.0


def test_the_page_is_served_until_it_is_interrupted(project: Project) -> None:
    """The page answers; Ctrl-C ends it and the strategy's stack."""
    # Given the page of a strategy
    port = free_port()
    process = project.start("load-ui", "inline", "--port", str(port))
    page = ""
    deadline_s = time.monotonic() + READY_S
    while not page and time.monotonic() < deadline_s:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.2)
        try:
            with urlopen(f"http://127.0.0.1:{port}") as answer:
                page = answer.read().decode()
        except OSError:  # refused, reset, or closed while it boots
            continue
    assert "Locust" in page

    # When it is interrupted
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    # Then nothing of it goes on
    assert project.left_over() == []
