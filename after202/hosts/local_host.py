"""This machine as a host."""

from pathlib import Path

from after202.hosts import ports
from after202.hosts.local import Child
from after202.hosts.part import Launch


class LocalHost:
    """The machine that the harness runs on."""

    name = "local"
    clock_offset_ns = 0

    def launch(self, launch: Launch) -> Child:
        """Start a child process; its output goes to its log."""
        return Child(launch)

    def free_port(self) -> int:
        """Return a port that nothing listens on and that was not returned before."""
        return ports.free_port()

    def collect(self, path: Path) -> Path:
        """Return the path itself: the file or folder is already on this machine."""
        return path
