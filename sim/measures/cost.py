"""What the mix costs, and what it costs to find a violation."""

from typing import ClassVar

import numpy as np

from sim.intervals import Ratio
from sim.measures.base import Comparable, Measure, Reading, count, key_of, violations
from sim.scenario import Scenario
from sim.scene import Stage
from sim.story import Estimate, Results
from sim.units import DAY

ANALYSTS = "analysts"


class Cost(Measure, kind="cost"):
    """Euros a day by sensor and for the analysts, and euros for each violation that is detected."""

    title: ClassVar[str] = "What does it cost?"
    order: ClassVar[int] = 70

    def readings(self, results: Results) -> list[Reading]:
        """Set the cost of the time in which violations begin against what was detected of them."""
        total_eur = sum(per_day_eur(results.scenario, results.stage).values()) * results.stage.length_s / DAY
        if total_eur == 0.0:
            return []
        detected = count(results, violations(results) & np.isfinite(results.incidents["detected_s"]))
        spent_eur = np.full(results.replications, total_eur)
        return [Reading("cost.per_detected", "cost of a detected violation", "", Ratio(spent_eur, detected), "EUR", int(detected.sum()))]

    def table(self, results: Results) -> list[Estimate]:
        """Return the cost of a day, exact, in all and by what it is spent on; nothing where the scenario states no costs."""
        costs = per_day_eur(results.scenario, results.stage)
        if not any(costs.values()):
            return []
        spent = {"": sum(costs.values())} | costs
        method, size = "exact, from the scenario", (results.replications, 0)
        rows = [
            Estimate("cost.per_day", "cost of a day", name, eur, eur, eur, "EUR per day", *size, method, name == "")
            for name, eur in spent.items()
        ]
        return rows + super().table(results)

    def by_replication(self, results: Results) -> dict[str, Comparable]:
        """Return the cost of a day, in all and by what it is spent on, the same in every replication, beside the cost of a find."""
        costs = per_day_eur(results.scenario, results.stage)
        spent = {"": sum(costs.values())} | costs
        days = {key_of("cost.per_day", name): np.full(results.replications, eur) for name, eur in spent.items()}
        return days | super().by_replication(results)


def per_day_eur(scenario: Scenario, stage: Stage) -> dict[str, float]:
    """Return what a day costs by sensor, and for the analysts of both shifts."""
    costs = {name: len(sensor.units(stage)) * sensor.cost_eur for name, sensor in scenario.sensors.items()}
    shift = scenario.desk.analysts
    return costs | {ANALYSTS: (shift.day + shift.night) * scenario.costs.analyst_eur}
