"""Analysts on shifts, with work in order of urgency."""

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Any

from simpy import Environment

from sim.live import Call, Steps, follow, until
from sim.scenario import Shift
from sim.units import DAY

Done = Callable[..., None]
"""Is told how long the work had to wait, and what was given with it."""


@dataclass(slots=True, eq=False)
class Staff:
    """A desk where work waits: the most urgent first, then first come first served; nobody is called off work once begun."""

    env: Environment
    shift: Shift
    midnight_s: float
    """The first midnight UTC, 0 or before, in seconds since the start."""
    horizon_s: float
    waiting: list[tuple[int, int, float, float, Done, tuple[Any, ...]]] = field(default_factory=list)
    busy: int = 0
    on_duty: int = 0
    ticket: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        self.on_duty = self.duty_at(0.0)
        follow(self.change_shifts())

    def duty_at(self, t_s: float) -> int:
        """Return how many analysts are on duty at an instant."""
        of_day_s = (t_s - self.midnight_s) % DAY
        return self.shift.day if self.shift.day_from_s <= of_day_s < self.shift.day_to_s else self.shift.night

    def change_shifts(self) -> Steps:
        """See at each change of shift whether more work can begin."""
        for day in count():
            for change_s in sorted((self.shift.day_from_s, self.shift.day_to_s)):
                t_s = self.midnight_s + day * DAY + change_s
                if t_s >= self.horizon_s:
                    return
                if t_s > 0.0:
                    yield until(self.env, t_s)
                    self.on_duty = self.duty_at(t_s)
                    self.begin()

    def ask(self, urgency: int, work_s: float, done: Done, *words: Any) -> None:
        """Queue work; the smaller the number, the more urgent.

        Args:
            urgency: The smaller, the more urgent.
            work_s: How long it takes, on the grid of times.
            done: Called when it is done, with the wait and the words.
            words: Handed on.
        """
        if self.busy < self.on_duty and not self.waiting:
            self.start(work_s, done, 0.0, words)
        else:
            heappush(self.waiting, (urgency, next(self.ticket), self.env.now, work_s, done, words))

    def start(self, work_s: float, done: Done, wait_s: float, words: tuple[Any, ...]) -> None:
        """Let somebody who is free do it."""
        self.busy += 1
        Call(self.env, work_s, self.finish, (done, wait_s, words))

    def begin(self) -> None:
        """Let everybody who is free take the next work."""
        while self.waiting and self.busy < self.on_duty:
            _, _, asked_s, work_s, done, words = heappop(self.waiting)
            self.start(work_s, done, self.env.now - asked_s, words)

    def finish(self, call: Call) -> None:
        """Report finished work and take the next."""
        self.busy -= 1
        done, wait_s, words = call.words
        done(wait_s, *words)
        if self.waiting:
            self.begin()
