"""Where work is done: the workloads, the services they use, and each queue's worker.

A strategy with a queue has a module of the same name in this folder: its worker. `run()` works
until told to stop; `held(wiring)` returns what the queue still holds. All knowledge of a queue's
internals is in that file. Without `run` it is no worker: the API does the work, of which a broker
keeps a record.
"""

import importlib
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parent
IS_QUEUE = re.compile(r"^def run\(", re.MULTILINE)
LOOKS = re.compile(r"^def held\(", re.MULTILINE)
TWIN = "_worker"


def names() -> list[str]:
    """Return the names of the queues in this folder, except the hidden ones."""
    files = sorted(FOLDER.glob("[!_]*.py"))
    return [path.stem for path in files if is_queue(path.stem)]


def is_queue(name: str) -> bool:
    """Whether a module of this folder is a queue, hidden or not."""
    return defines(FOLDER / f"{name}.py", IS_QUEUE)


def defines(path: Path, function: re.Pattern[str]) -> bool:
    """Whether there is a file that defines one of a queue's functions; it is not loaded."""
    return path.exists() and function.search(path.read_text(encoding="utf-8")) is not None


def twin(strategy: Path) -> Path:
    """Return the path of the worker of a user's own strategy: mine_worker.py beside mine.py."""
    return strategy.with_name(f"{strategy.stem}{TWIN}.py")


def load(source: str) -> ModuleType:
    """Return a queue's module by its name, or by the path of its file."""
    path = Path(source)
    if path.suffix != ".py":
        return importlib.import_module(f"{__name__}.{source}")
    return from_file(f"{__name__}.{path.stem.removesuffix(TWIN)}", path)


def from_file(name: str, path: Path) -> ModuleType:
    """Import a file once, under a module name, so that forks of this process find it too."""
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"{path} is not a Python file")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
