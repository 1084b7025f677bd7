"""What every test may ask for."""

import signal

from hypothesis import settings

pytest_plugins = ["tests.services", "tests.project"]

# How long an example takes says something of the machine alone.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# A shell has its background jobs ignore Ctrl-C, and children would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
