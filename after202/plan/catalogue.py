"""The strategies, by name: the folder is the registry. Nothing of them is imported here."""

import ast
from pathlib import Path

from after202.hosts.local import ROOT
from after202.kernel.errors import UsageError
from after202.kernel.model import DOCUMENTED

APPS, WORKERS, WORKLOADS = ROOT / "apps", ROOT / "workers", ROOT / "workers" / "workloads"
NOT_A_STRATEGY = {"__init__", "__main__", "endpoints", "health", "server"}
HIDDEN = "_"


def names() -> list[str]:
    """Return the strategies; those whose name begins with `_` are for tests alone."""
    return [name for name in _modules(APPS) if not name.startswith(HIDDEN)]


def workloads() -> list[str]:
    """Return the workloads."""
    return _modules(WORKLOADS)


def descriptions(folder: Path) -> dict[str, str]:
    """Return the first line of each module's docstring, by name."""
    return {
        name: (ast.get_docstring(ast.parse((folder / f"{name}.py").read_text())) or "").split("\n")[
            0
        ]
        for name in _modules(folder)
        if not name.startswith(HIDDEN)
    }


def has_worker(strategy: str) -> bool:
    """Say whether the strategy's work is done by a worker: it then has a twin in workers/."""
    return (WORKERS / f"{strategy}.py").exists()


def variants(strategy: str) -> tuple[str, ...]:
    """Return a strategy's variants: the keys of VARIANTS in its worker's file, or in its own."""
    folder = WORKERS if has_worker(strategy) else APPS
    for node in ast.parse((folder / f"{strategy}.py").read_text()).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        named = [target.id for target in targets if isinstance(target, ast.Name)]
        value = getattr(node, "value", None)
        if named == ["VARIANTS"] and isinstance(value, ast.Dict):
            return tuple(ast.literal_eval(key) for key in value.keys if key is not None)
    return (DOCUMENTED,)


def file_name(label: str) -> str:
    """Return an arm's label as part of a folder's name."""
    return label.replace("#", "-").replace(" ", "-")


def require(kind: str, name: str, folder: Path) -> None:
    """Raise UsageError if there is no such file."""
    if name not in _modules(folder):
        known = ", ".join(n for n in _modules(folder) if not n.startswith(HIDDEN))
        raise UsageError(f"unknown {kind} {name!r}: there are {known}")


def _modules(folder: Path) -> list[str]:
    found = (path.stem for path in folder.glob("*.py"))
    return sorted(name for name in found if name not in NOT_A_STRATEGY)
