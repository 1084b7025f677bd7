"""Courses: what happens in a trial once its stack is up, one for each kind of trial."""
