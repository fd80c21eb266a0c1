"""How often somebody is accused who did not do it, or of what did not happen."""

from typing import ClassVar

import numpy as np

from sim.intervals import Ratio
from sim.log import NOBODY, Entry
from sim.measures.base import Measure, Reading, tally_of
from sim.scene import Incidents
from sim.story import Play, Results
from sim.units import DAY

REASONS = {
    "wrong_side": "accusations of the wrong side",
    "benign": "accusations over something harmless",
    "nothing": "accusations over nothing at all",
}
MONTH_S = 30 * DAY


class Accusation(Measure, kind="accusation"):
    """False accusations: the wrong side is named, something harmless is taken for a violation, or nothing happened at all."""

    title: ClassVar[str] = "How often would we accuse wrongly?"
    order: ClassVar[int] = 40

    def tally(self, play: Play) -> dict[str, float]:
        """Count accusations by what is wrong with them; false alarms that came after the last violation could begin are left out."""
        opened_s = {entry.case: entry.t_s for entry in reversed(list(play.log.of("reported")))}
        within_s = play.world.stage.length_s
        counts = dict.fromkeys(("accusation.all", *(f"accusation.{reason}" for reason in REASONS)), 0.0)
        for entry in play.log.of("accused"):
            if entry.value == 0.0 or (entry.incident == NOBODY and opened_s.get(entry.case, entry.t_s) >= within_s):
                continue
            counts["accusation.all"] += 1.0
            reason = fault(entry, play.world.incidents)
            if reason:
                counts[f"accusation.{reason}"] += 1.0
        return counts

    def readings(self, results: Results) -> list[Reading]:
        """Set false accusations against time, and against all accusations."""
        months = np.full(results.replications, results.stage.length_s / MONTH_S)
        total = tally_of(results, "accusation.all")
        by_reason = {reason: tally_of(results, f"accusation.{reason}") for reason in REASONS}
        false = np.sum(list(by_reason.values()), axis=0)
        readings = [
            Reading("accusation.false", "false accusations", "", Ratio(false, months), "per 30 days", int(false.sum()), True),
            Reading("accusation.false_share", "false, of all accusations", "", Ratio(false, total), "share", int(total.sum()), True),
            Reading("accusation.all", "accusations", "", Ratio(total, months), "per 30 days", int(total.sum())),
        ]
        for reason, label in REASONS.items():
            number = by_reason[reason]
            readings.append(Reading(f"accusation.{reason}", label, "", Ratio(number, months), "per 30 days", int(number.sum())))
        return readings


def fault(entry: Entry, incidents: Incidents) -> str:
    """Return what is wrong with an accusation, a key of `REASONS`, or an empty text."""
    if entry.incident == NOBODY:
        return "nothing"
    if incidents.benign[entry.incident]:
        return "benign"
    return "wrong_side" if int(entry.value) != int(incidents.side[entry.incident]) else ""
