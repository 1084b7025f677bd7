"""`python -m apps STRATEGY PORT [HOST]`: serve one strategy's API."""

import sys

import uvicorn

from apps.server import OPTIONS


def main() -> None:
    """Serve the application that the command line names."""
    strategy, port, *host = sys.argv[1:]
    options = OPTIONS | dict(zip(["host"], host, strict=False))
    uvicorn.run(f"apps.{strategy}:app", port=int(port), **options)


if __name__ == "__main__":
    main()
