"""Lean SimPy: stories that wait with one kernel event a wait."""

from collections.abc import Generator
from typing import Any, TypeAlias

from simpy import Environment
from simpy.events import Event, Timeout

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


def follow(steps: Steps) -> None:
    """Let a story run in the environment whose events it yields."""
    Story(steps)


def until(env: Environment, t_s: float) -> Timeout:
    """Return an event at an instant, at once if it has passed."""
    return Timeout(env, max(0.0, t_s - env.now))
