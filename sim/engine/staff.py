"""Analysts on shifts, with work in order of urgency."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from simpy import Environment

from sim.clock import up_plain
from sim.live import Steps, follow, until
from sim.scenario import Shift
from sim.units import DAY

Done = Callable[[float], None]
"""Is told how long the work had to wait."""


@dataclass(slots=True, eq=False)
class Staff:
    """A desk where work waits: the most urgent first, then first come first served; nobody is called off work once begun."""

    env: Environment
    shift: Shift
    midnight_s: float
    """The first midnight UTC, 0 or before, in seconds since the start."""
    horizon_s: float
    waiting: list[tuple[int, int, float, float, Done]] = field(default_factory=list)
    busy: int = 0
    ticket: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        follow(self.change_shifts())

    def on_duty(self, t_s: float) -> int:
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
                    self.begin()

    def ask(self, urgency: int, work_s: float, done: Done) -> None:
        """Queue work; the smaller the number, the more urgent."""
        heapq.heappush(self.waiting, (urgency, next(self.ticket), float(self.env.now), up_plain(work_s), done))
        self.begin()

    def begin(self) -> None:
        """Let everybody who is free take the next work."""
        while self.waiting and self.busy < self.on_duty(float(self.env.now)):
            _, _, asked_s, work_s, done = heapq.heappop(self.waiting)
            self.busy += 1
            wait_s = float(self.env.now) - asked_s
            until(self.env, float(self.env.now) + work_s).callbacks.append(partial(self.finish, done, wait_s))

    def finish(self, done: Done, wait_s: float, _: object) -> None:
        """Report finished work and take the next."""
        self.busy -= 1
        done(wait_s)
        self.begin()
