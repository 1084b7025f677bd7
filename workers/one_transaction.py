"""What it means that a job is enqueued in the transaction of its request's own row."""

from after202.kernel.model import Setting


def one_transaction(source: str) -> tuple[Setting, ...]:
    """Return the settings of it, for a queue whose documentation is the source."""
    return (
        Setting(
            name="transaction",
            value="the request's own row and its job",
            why="both are committed by one COMMIT over the application's connection, or neither is:"
            " an API that dies between the two, or an enqueueing that fails, leaves no row without"
            " a job",
            source=source,
        ),
        Setting(
            name="database",
            value="one for the queue and the workloads",
            why="a transaction has one server, so the workloads' tables are beside the queue's, on"
            " the server under test. It does the writes of their steps too, at its own cost,"
            " and a fault of the broker takes the database from the work as well",
            source=source,
        ),
    )
