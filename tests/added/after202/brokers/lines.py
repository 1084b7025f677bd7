"""Lines: a broker of a second kind, a small TCP server that speaks JSON, a line at a time.

`python -m after202.brokers.lines PORT JOURNAL`; an empty journal writes nothing to disk.
"""

import asyncio
import json
import socket
import sys
from collections import deque
from pathlib import Path
from typing import Any

from after202.brokers.interface import Client, ServerPlace
from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.hosts.ports import HOST, accepts, free_port
from after202.kernel.model import HARNESS

READY_S, TIMEOUT_S = 30.0, 3.0


class State:
    """The messages that wait, and those that a connection has taken and not done."""

    def __init__(self, journal: str) -> None:
        """Take up what the journal holds."""
        self.journal = Path(journal) if journal else None
        self.waiting: deque[dict[str, Any]] = deque()
        self.taken: dict[int, dict[str, Any]] = {}
        self.clients: dict[str, str] = {}
        self.last = 0
        if self.journal and self.journal.exists():
            for line in self.journal.read_text().splitlines():
                self._replay(json.loads(line))

    def _replay(self, entry: dict[str, Any]) -> None:
        if "push" in entry:
            self.waiting.append(entry["push"])
            self.last = max(self.last, entry["push"]["id"])
        else:
            self.waiting = deque(m for m in self.waiting if m["id"] != entry["done"])

    def note(self, entry: dict[str, Any]) -> None:
        """Write to the journal, if there is one."""
        if self.journal:
            with self.journal.open("a") as file:
                file.write(json.dumps(entry) + "\n")

    def answer(self, asked: dict[str, Any], mine: set[int]) -> Any:
        """Do what a client asks for."""
        match asked:
            case {"push": message}:
                self.last += 1
                entry = {"id": self.last, "message": message}
                self.note({"push": entry})
                self.waiting.append(entry)
                return True
            case {"take": _} if self.waiting:
                entry = self.waiting.popleft()
                self.taken[entry["id"]] = entry
                mine.add(entry["id"])
                return entry
            case {"done": number}:
                self.note({"done": number})
                self.taken.pop(number, None)
                mine.discard(number)
                return True
            case {"held": _}:
                places = {"waiting": self.waiting, "taken": self.taken.values()}
                return {name: [e["message"] for e in entries] for name, entries in places.items()}
            case {"clients": _}:
                return self.clients
        return None


async def serve(port: int, journal: str) -> None:
    """Serve until killed; what a connection had taken when it broke waits again."""
    state = State(journal)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = ":".join(map(str, writer.get_extra_info("peername")[:2]))
        state.clients[address] = (await reader.readline()).decode().strip()
        mine: set[int] = set()
        while line := await reader.readline():
            writer.write(json.dumps(state.answer(json.loads(line), mine)).encode() + b"\n")
        state.waiting.extend(state.taken.pop(number) for number in mine)
        del state.clients[address]
        writer.close()

    server = await asyncio.start_server(connected, HOST, port)
    await server.serve_forever()


def ask(url: str, question: dict[str, Any]) -> Any:
    """Ask a server one thing, as the harness; OSError if it does not answer."""
    host, port = url.removeprefix("lines://").split(":")
    with socket.create_connection((host, int(port)), TIMEOUT_S) as connection:
        connection.sendall(f"{HARNESS}\n{json.dumps(question)}\n".encode())
        return json.loads(connection.makefile().readline())


class LinesServer:
    """A server of a trial's own."""

    def __init__(self, place: ServerPlace, durability: str) -> None:
        """Start it, and wait until it answers."""
        self.port = free_port()
        self.url = f"lines://{HOST}:{self.port}"
        place.folder.mkdir()
        journal = str(place.folder / "journal") if durability == "journal" else ""
        command = [sys.executable, "-m", "after202.brokers.lines", str(self.port), journal]
        self._launch = Launch("broker", command, place.log, cpus=place.cpus)
        self.child = self.start()

    def start(self) -> Child:
        """Start it on its port and its journal, and wait until it answers."""
        self.child = Child(self._launch)
        until("the lines broker", lambda: accepts(self.port), READY_S, [self.child])
        return self.child


class Lines:
    """The broker."""

    durabilities = ("no persistence", "journal")
    usual = "journal"
    service = ""
    lacks = dict.fromkeys(("disconnect", "fill", "burst"), "it knows no such command")

    def missing(self) -> str:
        """Say that it can be started."""
        return ""

    def serve(self, place: ServerPlace, durability: str) -> LinesServer:
        """Start a server of the trial's own."""
        return LinesServer(place, durability)

    def url(self, host: str, port: int) -> str:
        """Return the URL of a server."""
        return f"lines://{host}:{port}"

    def compose_settings(self, _: str) -> dict[str, str]:
        """Return nothing: it is in no image."""
        return {}

    def answers(self, url: str) -> bool:
        """Say whether a server answers."""
        try:
            return ask(url, {"clients": True}) is not None
        except (OSError, ValueError):
            return False

    def clients(self, url: str) -> list[Client]:
        """Return the server's clients."""
        try:
            found = ask(url, {"clients": True})
        except (OSError, ValueError):
            return []
        return [Client(address, name) for address, name in found.items()]

    def require_unused(self, url: str) -> None:
        """Have no server of a user's own."""

    def clear(self, url: str) -> None:
        """Have no server of a user's own."""


BROKER = Lines()

if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
