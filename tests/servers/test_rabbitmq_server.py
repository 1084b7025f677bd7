"""Where RabbitMQ is not installed, that is said, and what to do."""

from pathlib import Path

import pytest

from after202.brokers.interface import ServerPlace
from after202.brokers.rabbitmq import BROKER
from after202.kernel.errors import UsageError
from after202.servers import rabbitmq

pytestmark = pytest.mark.fast


def test_a_machine_without_it_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither on the PATH nor where packages have it: nothing is started."""
    monkeypatch.setattr(rabbitmq, "SCRIPTS", (tmp_path,))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert BROKER.missing().startswith("rabbitmq-server is not installed: apt-get install")
    with pytest.raises(UsageError, match="rabbitmq-server is not installed"):
        BROKER.serve(ServerPlace(tmp_path / "broker", tmp_path / "log", ()), BROKER.usual)
    assert list(tmp_path.iterdir()) == []


def test_the_server_s_own_script_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not one that is on the PATH for another user's sake."""
    script = tmp_path / "bin" / "rabbitmq-server"
    script.parent.mkdir()
    script.touch()
    monkeypatch.setattr(rabbitmq, "SCRIPTS", (script.parent,))
    assert BROKER.missing() == ""
