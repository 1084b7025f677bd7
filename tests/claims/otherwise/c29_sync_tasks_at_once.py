"""An app without a limit that matters: it has more threads than there are requests."""

from loadtests.claims import FALSE
from loadtests.claims.c29_sync_tasks_at_once import app_with_more_threads

USUALLY = FALSE
app = app_with_more_threads
