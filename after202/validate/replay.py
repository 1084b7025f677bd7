"""The response times of a server with known service times, computed from the due times."""

import numpy as np

Times = np.ndarray[tuple[int], np.dtype[np.float64]]


def response_s(
    due_s: Times, service_s: Times, freeze_s: tuple[float, float] | None = None
) -> Times:
    """Return each request's response time at one server that serves them in this order.

    Lindley's recursion (1952): service begins when the request is due or when the one before has
    ended, whichever is later, and lasts for the request's service time. Nothing is served during
    the freeze (from, to).
    """
    ended_s = 0.0
    response: Times = np.empty(len(due_s))
    for number, (due, service) in enumerate(zip(due_s, service_s, strict=True)):
        ended_s = max(due, ended_s) + service
        if freeze_s and freeze_s[0] < ended_s < freeze_s[1]:
            ended_s = freeze_s[1] + service
        response[number] = ended_s - due
    return response
