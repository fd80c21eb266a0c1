"""Lean SimPy: stories that wait with one kernel event a wait."""

import gc
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from heapq import heappush
from typing import Any, TypeAlias

from simpy import Environment
from simpy.events import NORMAL, Event, Timeout

Steps: TypeAlias = Generator[Event, Any, None]
"""A story: it yields what it waits for."""


class Story:
    """Drives a generator: one kernel event a wait, none for birth and death, unlike `simpy.Process`."""

    __slots__ = ("steps",)

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self.step(None)

    def step(self, event: Event | None) -> None:
        """Go on to the next wait."""
        try:
            target = next(self.steps) if event is None else self.steps.send(event.value)
        except StopIteration:
            return
        if target.callbacks is None:
            self.step(target)
        else:
            target.callbacks.append(self.step)


class Call(Event):
    """Something that will be done at an instant, with what it needs: a lean `Timeout`, half the price of SimPy's own."""

    __slots__ = ("words",)

    def __init__(self, env: Environment, delay_s: float, act: Callable[["Call"], None], words: Any = None) -> None:
        self.env = env
        self.callbacks = [act]
        self.words = words
        self._value = None
        self._ok = True
        heappush(env._queue, (env._now + delay_s, NORMAL, next(env._eid), self))


def follow(steps: Steps) -> None:
    """Let a story run in the environment whose events it yields."""
    Story(steps)


def until(env: Environment, t_s: float) -> Timeout:
    """Return an event at an instant, at once if it has passed."""
    return Timeout(env, max(0.0, t_s - env.now))


def over(event: Event) -> None:
    """Mark a fresh event as one that has happened and been told: a story that yields it goes on at once, without a kernel event."""
    event._ok, event._value = True, None
    vars_of: Any = event
    vars_of.callbacks = None


def quiet(env: Environment) -> None:
    """Drop all that an environment still waits for, so that stories that never end let go of what they hold."""
    env._queue.clear()


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector of circles out: a replication leaves none behind, so looking for them only takes time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
