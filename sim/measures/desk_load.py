"""Whether the desk keeps up: alarms, queues, and how much of their time the analysts work."""

from collections import defaultdict, deque
from datetime import datetime
from typing import ClassVar

import numpy as np

from sim.intervals import Ratio, quantile
from sim.log import NOBODY, EventLog
from sim.measures.base import Measure, Reading, tally_of
from sim.scenario import Shift
from sim.story import NEVER, Play, Results
from sim.units import DAY

TASKS = ("triage", "verify", "attribute")


class DeskLoad(Measure, kind="desk_load"):
    """Alarms a day, how many of them have nothing behind them, how long they wait, and how busy the analysts are."""

    title: ClassVar[str] = "Does the desk keep up?"
    order: ClassVar[int] = 60

    def tally(self, play: Play) -> dict[str, float]:
        """Count alarms, waits and work of the time in which violations begin; the quiet follow-up would flatter the desk."""
        within_s = play.world.stage.length_s
        alarms = [incident for t_s, _, incident, *_ in play.log.bare("alarm") if t_s < within_s]
        waits_s = np.sort(triage_waits_s(play.log, within_s))
        reached = np.arange(1, len(waits_s) + 1) / len(waits_s) if len(waits_s) else waits_s
        numbers = {
            "desk_load.alarms": float(len(alarms)),
            "desk_load.false": float(alarms.count(NOBODY)),
            "desk_load.wait_median_s": quantile(waits_s, reached, 0.5) if len(waits_s) else np.nan,
            "desk_load.wait_p90_s": quantile(waits_s, reached, 0.9) if len(waits_s) else np.nan,
        } | {f"desk_load.{task}_s": 0.0 for task in TASKS}
        for t_s, *_, task, worked_s in play.log.bare("worked"):
            if t_s < within_s:
                numbers[f"desk_load.{task}_s"] += worked_s
        return numbers

    def readings(self, results: Results) -> list[Reading]:
        """Set alarms against days, false ones against all, and work against the hours on duty."""
        length_s = results.stage.length_s
        days = np.full(results.replications, length_s / DAY)
        on_duty_s = np.full(results.replications, duty_s(results.scenario.desk.analysts, results.stage.start, length_s))
        alarms, false = tally_of(results, "desk_load.alarms"), tally_of(results, "desk_load.false")
        work_s = {task: tally_of(results, f"desk_load.{task}_s") for task in TASKS}
        number = int(alarms.sum())
        busy = Ratio(np.sum(list(work_s.values()), axis=0), on_duty_s)
        waits_s = {name: tally_of(results, f"desk_load.wait_{name}_s") for name in ("median", "p90")}
        return [
            Reading("desk_load.alarms", "alarms", "", Ratio(alarms, days), "per day", number, True),
            Reading("desk_load.false_share", "alarms with nothing behind them", "", Ratio(false, alarms), "share", number),
            Reading("desk_load.busy", "analysts' time at work", "", busy, "share", number, True),
            *(Reading("desk_load.busy", "analysts' time at work", task, Ratio(work_s[task], on_duty_s), "share", number) for task in TASKS),
            *(
                Reading(f"desk_load.wait_{name}", f"wait for triage, {name} of a run", "", values, "s", number)
                for name, values in waits_s.items()
            ),
        ]


def triage_waits_s(log: EventLog, within_s: float) -> list[float]:
    """Return how long each triage waited that was asked for within a time, infinite where the run ended before it was done.

    What is asked for and what is done are paired in order, by what they are about and whose alarm it was; two false alarms of one sensor
    may change places. A log that does not say what was asked for gives the waits of what was done within the time.
    """
    asked, done = log.bare("queued"), log.bare("triaged")
    if not asked:
        return [waited_s for t_s, *_, waited_s in done if t_s < within_s]
    waits_s: defaultdict[tuple[int, int, str], deque[float]] = defaultdict(deque)
    for _, _, incident, case, _, sensor, _, waited_s in done:
        waits_s[incident, case, sensor].append(waited_s)
    paired_s = []
    for asked_s, _, incident, case, _, sensor, _, _ in asked:
        answers = waits_s[incident, case, sensor]
        paired_s.append((asked_s, answers.popleft() if answers else NEVER))
    return [wait_s for asked_s, wait_s in paired_s if asked_s < within_s]


def duty_s(shift: Shift, start: datetime, length_s: float) -> float:
    """Return the analysts' hours on duty from the start on, in seconds of one analyst.

    Args:
        shift: Who is on duty by day and by night.
        start: First instant, in UTC.
        length_s: How long.
    """
    first_s = start.hour * 3600.0 + start.minute * 60.0 + start.second
    by_day_s = day_time_s(shift, first_s + length_s) - day_time_s(shift, first_s)
    return shift.day * by_day_s + shift.night * (length_s - by_day_s)


def day_time_s(shift: Shift, until_s: float) -> float:
    """Return how much of the time since midnight belongs to day shifts, none of which runs over midnight."""
    days, rest_s = divmod(until_s, DAY)
    first_s, last_s = shift.day_from_s, shift.day_to_s
    return days * (last_s - first_s) + float(np.clip(rest_s, first_s, last_s)) - first_s
