"""What DBOS's variants set, which of its defaults their figures depend on, and why."""

import inspect

from dbos import DBOS

from after202.kernel.model import Setting, Wiring
from workers.grace import STOP_GRACE_S, long_grace

ATTEMPTS, INTERVAL_S = 3, 0.1
RUNNING, POLLING_S = 100, 0.1
# DBOS looks once a second whether all workflows are done, and ends within this time.
SHUTDOWN_S = int(STOP_GRACE_S) - 5
# The internal queue, through which recovered workflows go, is looked at once a second.
REDELIVERY_S = 2.0
QUEUES_DOC = "docs.dbos.dev/python/reference/queues"
WORKFLOW = inspect.signature(DBOS.workflow).parameters
STEP = inspect.signature(DBOS.step).parameters

HARDENED = (
    Setting(
        name="retries_allowed, max_attempts",
        value=f"True, {ATTEMPTS}",
        why="a step that raises is tried this often; without, its workflow has failed"
        f" (max_attempts: {STEP['max_attempts'].default} by default, once allowed)",
        source="docs.dbos.dev/python/tutorials/step-tutorial, Configurable Retries",
    ),
    Setting(
        name="interval_seconds",
        value=f"{INTERVAL_S:g} s",
        why=f"the first wait between two tries ({STEP['interval_seconds'].default:g} s by default);"
        " each further one is twice as long",
        source="docs.dbos.dev/python/tutorials/step-tutorial, Configurable Retries",
    ),
    Setting(
        name="max_recovery_attempts",
        value=str(ATTEMPTS),
        why="a workflow that takes its process down is recovered this often, not"
        f" {WORKFLOW['max_recovery_attempts'].default} times, and is then kept with the status"
        " MAX_RECOVERY_ATTEMPTS_EXCEEDED",
        source="docs.dbos.dev/python/reference/decorators, workflow",
    ),
    Setting(
        name="queue, worker_concurrency",
        value=str(RUNNING),
        why="a burst waits in the database; a workflow that is started directly has a thread at"
        " once, however many there are",
        source=QUEUES_DOC,
    ),
    Setting(
        name="polling_interval_sec",
        value=f"{POLLING_S:g} s",
        why="how often the process looks into the queue (1 s by default): what a job waits for its"
        " start",
        source=QUEUES_DOC,
    ),
    Setting(
        name="DBOSClient, retry_connection_errors",
        value="False",
        why="while the database is away a request is answered with an error; DBOS itself waits for"
        " it and tries again, without a limit, and so would the client of the API",
        source="dbos/_client.py, DBOSClient; dbos/_sys_db.py, db_retry",
    ),
    Setting(
        name="workflow_completion_timeout_sec",
        value=f"{SHUTDOWN_S} s",
        why="on TERM the API waits this long for workflows that run, and takes no more; by default"
        " they are cut short, and recovered at the next start",
        source="docs.dbos.dev/python/reference/dbos-class, destroy",
    ),
    long_grace("DBOS.destroy waits for workflows", "docs.dbos.dev/python/reference/dbos-class"),
)


def common_settings(_: Wiring) -> tuple[Setting, ...]:
    """Return the settings that all variants share, and the defaults that they leave as they are."""
    return (
        Setting(
            name="workflow id",
            value="the job's id",
            why="a job is one workflow, and its steps run one after the other; under one id a"
            " workflow is started once",
            source="docs.dbos.dev/python/tutorials/workflow-tutorial, Workflow IDs and Idempotency",
        ),
        Setting(
            name="serializer",
            value="DBOSPortableJSONSerializer",
            why="what is stored is readable in any language, and no pickle, which is the default;"
            " a row that says of itself that it is a pickle is still loaded as one",
            source="docs.dbos.dev/python/reference/configuration; dbos/_serialization.py",
        ),
        Setting(
            name="log_level",
            value="WARNING",
            why="every server and worker logs at the same level: warnings and errors",
            source="docs.dbos.dev/python/reference/configuration, log_level",
        ),
        Setting(
            name="executor_id",
            value="local",
            why="a process recovers at its start what processes of its name left; several at a time"
            " need names of their own, which Conductor gives and API processes here do not",
            source="docs.dbos.dev/python/tutorials/workflow-tutorial; dbos/_dbos.py, DBOS._launch",
            is_default=True,
        ),
        Setting(
            name="sys_db_pool_size",
            value="20",
            why="how many connections the API has to the database that keeps its workflows",
            source="dbos/_dbos_config.py, configure_db_engine_parameters",
            is_default=True,
        ),
    )
