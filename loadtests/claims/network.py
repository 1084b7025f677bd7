"""A network of an experiment's own, in which packets can be dropped; Linux, and as root."""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import wraps

from loadtests.claims import CannotRunError, Evidence, Lab

CLONE_NEWNET = 0x40000000
Experiment = Callable[[Lab], Evidence]


def in_own_network(experiment: Experiment) -> Experiment:
    """Make an experiment in a network that has nothing but a loopback interface.

    A network namespace belongs to a thread, and to the threads and processes that it starts. The
    network ends with the last of them.
    """

    def apart(lab: Lab) -> Evidence:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNET):
            raise CannotRunError(
                f"a network of its own could not be made: {os.strerror(ctypes.get_errno())};"
                " root may make one"
            )
        _do("ip", "link", "set", "lo", "up")
        return experiment(lab)

    @wraps(experiment)
    def run(lab: Lab) -> Evidence:
        if sys.platform != "linux":
            raise CannotRunError("only Linux has networks of one's own (namespaces)")
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(apart, lab).result()

    return run


def drop(port: int) -> None:
    """Drop all packets to a port from now on; nobody is told."""
    _do("iptables", "-A", "INPUT", "-p", "tcp", "--dport", str(port), "-j", "DROP")


def _do(program: str, *words: str) -> None:
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if path is None:
        raise CannotRunError(f"there is no {program} on this machine; install it")
    done = subprocess.run([path, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRunError(f"{program} {' '.join(words)} failed: {done.stderr.strip()}")
