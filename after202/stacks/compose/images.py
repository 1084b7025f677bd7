"""What is installed in a strategy's image."""

import json

from packaging.utils import canonicalize_name

from after202.records.experiment import Role
from after202.stacks.compose.engine import docker
from after202.stacks.compose.project import Project

LIST = (
    "import json; from importlib.metadata import distributions as all;"
    " print(json.dumps({one.name: one.version for one in all()}))"
)


def libraries(project: Project, strategy: str) -> dict[str, str]:
    """Return the version of each library in the image of a strategy's API, by name."""
    image = project.services[project.service(Role.API, strategy)]["image"]
    options = ["--rm", "--pull", "never", "--network", "none", "--entrypoint", "python"]
    found = json.loads(docker("run", *options, image, "-c", LIST))
    return {canonicalize_name(name): found[name] for name in sorted(found)}
