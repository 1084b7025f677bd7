"""Serves one strategy's API, or prints how strategies describe themselves.

python -m apps serve STRATEGY PORT [HOST]
python -m apps prepare STRATEGY
python -m apps describe [STRATEGY ...]
python -m apps libraries STRATEGY
"""

import json
import sys
from collections.abc import Callable  # noqa: TC003 - annotations of values are read

import uvicorn
from fastapi import FastAPI

from after202.kernel.errors import UsageError
from apps import registry, server
from apps.endpoints import create_app
from workers.settings import settings


def serve(strategy: str, port: str, *host: str) -> None:
    """Serve a strategy's API, with as many processes behind its port as the settings say."""
    served, own = registry.load(strategy), settings()
    app, processes = create_app(served, own), own.api_processes
    options = {**server.OPTIONS, **served.variants[own.variant].server}
    options |= zip(["host"], host, strict=False)
    if processes == 1:
        uvicorn.run(app, port=int(port), **options)
    else:
        # Each process makes the application anew; uvicorn takes only its address.
        options |= {"workers": processes, "factory": True}
        uvicorn.run("apps.__main__:named_app", port=int(port), **options)


def named_app() -> FastAPI:
    """Return the application of the strategy that the command line names."""
    _, _, strategy, *_ = sys.argv
    return create_app(registry.load(strategy), settings())


def prepare(strategy: str) -> None:
    """Run the strategy's one-time preparation, before its API and its worker start."""
    needed = registry.load(strategy).prepare
    if needed is not None:
        needed(settings())


def describe(*strategies: str) -> None:
    """Print each strategy's description of itself, as JSON."""
    found = [registry.describe(source) for source in strategies or registry.names()]
    sys.stdout.write(json.dumps([facts.model_dump(mode="json") for facts in found]) + "\n")


def libraries(strategy: str) -> None:
    """Print the version of each library that a strategy loads, as JSON."""
    sys.stdout.write(json.dumps(registry.libraries(strategy)) + "\n")


def main() -> None:
    """Run the command line's command; a usage error prints one line and exits with status 2."""
    command, *arguments = sys.argv[1:] or ["describe"]
    commands: dict[str, Callable[..., None]] = {
        "serve": serve, "prepare": prepare, "describe": describe, "libraries": libraries,
    }  # fmt: skip
    try:
        commands[command](*arguments)
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
