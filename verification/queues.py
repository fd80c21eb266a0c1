"""The desk's own analysts under a stream of alarms."""

from collections.abc import Callable

import numpy as np
from simpy import Environment

from sim.engine.staff import Staff
from sim.kinds import Floats
from sim.live import Steps, follow, until
from sim.scenario import Shift

Work = Callable[[np.random.Generator], float]


def waits_at_desk(analysts: int, gap_s: float, work_s: Work, number: int, tasks: int = 4_000, warm_up: int = 500) -> Floats:
    """Return the waits of alarms at the desk in order of their ends, after some that warm it up. Shape (tasks,)."""
    env, dice, waits_s = Environment(), np.random.default_rng((7, number)), list[float]()
    staff = Staff(env, Shift(day=analysts, night=analysts), 0.0, 1e12)

    def come() -> Steps:
        t_s = 0.0
        for _ in range(tasks + warm_up):
            t_s += dice.exponential(gap_s)
            yield until(env, t_s)
            staff.ask(0, work_s(dice), waits_s.append)

    follow(come())
    env.run(until=(tasks + warm_up) * gap_s * 1.5)
    return np.array(waits_s[warm_up:])
