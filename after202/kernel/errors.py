"""The errors that a user can cause or needs to see, each with a message of one line."""


class After202Error(Exception):
    """What went wrong, where, and what to do next, in one line."""


class UsageError(After202Error):
    """The command cannot run as asked; exit code 2."""


class TrialError(After202Error):
    """A trial could not be measured; it becomes a row with this reason."""
