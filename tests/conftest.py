"""What every test may ask for."""

from hypothesis import settings

pytest_plugins = ["tests.services", "tests.project"]

# How long an example takes says something of the machine alone.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
