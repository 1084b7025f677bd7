"""Strategies whose outcome is known: dropped into a copy of the project, as a user would."""
