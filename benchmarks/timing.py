"""How time, memory and events are counted: processor time, medians of interleaved runs, and runs in a process of their own."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from statistics import median
from typing import NamedTuple
from unittest.mock import patch

from simpy import Environment

from verification.board import ROOT, Row

REPEATS = 5
ENOUGH_S = 10.0
"""Of repeating works that take long; one round after the first is always counted."""
MB = 1e6


def cpu_s(work: Callable[[], object]) -> float:
    """Return the processor time that some work takes."""
    started = time.process_time()
    work()
    return time.process_time() - started


def medians_s(*clocks: Callable[[], float], repeats: int = REPEATS) -> list[float]:
    """Return the median of what each of several clocks says, asked in turn so that all meet the same moods of the machine."""
    started = time.monotonic()
    taken: list[list[float]] = []
    for clock in clocks:
        clock()
    while len(taken) < repeats and not (taken and time.monotonic() - started > ENOUGH_S):
        taken.append([clock() for clock in clocks])
    return [median(column) for column in zip(*taken, strict=True)]


def interleaved_s(*works: Callable[[], object], repeats: int = REPEATS) -> list[float]:
    """Return the median processor time of each of several works, done in turn, after one round that is not counted."""
    return medians_s(*[lambda work=work: cpu_s(work) for work in works], repeats=repeats)


def ms(seconds: float) -> str:
    """Return a time in milliseconds, long ones in seconds.

    >>> ms(0.0123), ms(12.3)
    ('12.3 ms', '12.3 s')
    """
    return f"{seconds * 1000:.1f} ms" if seconds < 9.9995 else f"{seconds:.1f} s"


def at_most(name: str, what: str, seconds: float, bar_s: float, note: str = "") -> Row:
    """Return a time with its bar."""
    return Row(name, what, f"{ms(seconds)}{note}", f"at most {bar_s * 1000:,.0f} ms", seconds <= bar_s)


def at_least(name: str, what: str, times: float, bar: float, note: str = "") -> Row:
    """Return a ratio with its bar."""
    return Row(name, what, f"{times:,.1f}{note}" if times < 100 else f"{times:,.0f}{note}", f"at least {bar:,.0f}", times >= bar)


class Events:
    """Counts what the kernel does: every event of every environment."""

    def __init__(self) -> None:
        self.count = 0


@contextmanager
def counted() -> Iterator[Events]:
    """Count the kernel's events while something is played."""
    events, step = Events(), Environment.step

    def counting(env: Environment) -> None:
        step(env)
        events.count += 1

    with patch.object(Environment, "step", counting):
        yield events


def peak_bytes() -> int:
    """Return the most memory that this process has held.

    Where the system tells it, what the program itself held: `getrusage` counts the process that it was forked from as well.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * next(int(line.split()[1]) for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


class Alone(NamedTuple):
    """What some work took in a process of its own."""

    cpu_s: float
    peak_mb: float
    """Above what the process held when all was imported and everything had been played once, small."""
    whole_s: float
    """Processor time of the process, from its birth."""


def alone(case: str, *words: str) -> Alone:
    """Do a case of `benchmarks.alone` in a process of its own; one that dies, as for want of memory, took for ever."""
    command = [sys.executable, "-m", "benchmarks.alone", case, *words]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    return Alone(**json.loads(done.stdout)) if done.returncode == 0 else Alone(inf, inf, inf)
