"""Radars on masts beside the line."""

from sim.model import Probability
from sim.physics.radar import horizon_m
from sim.scene import Scene, Stage, Targets
from sim.sensors.moving_target_radar import MovingTargetRadar
from sim.sensors.sites import Sites
from sim.units import DAY, HOUR, PerSecond, PositiveMetres
from sim.watch import Sight

WALK_MPS = 1.5
"""Who walks is no faster. Assumption."""
MANY_A_DAY = 200.0
"""More false tracks a day are worth a word: one analyst round the clock has seven minutes for each. Assumption."""


class GroundRadar(MovingTargetRadar, Sites, kind="ground_radar"):
    """Masts with ground surveillance radars that follow people, vehicles and low drones as they move, day and night.

    Each turns all round. Refuses: what stands still, small arms and all other sound, shells, sectors and their scheduling, clutter maps;
    animals and crops in the wind are its false tracks.
    """

    mast_m: PositiveMetres = 20.0
    """Height of the antenna above the ground. Assumption, range 5 to 40."""
    availability: Probability = 0.9
    """Share of time that a radar works. Assumption, range 0.8 to 0.98."""
    false_alarms_per_s: PerSecond = 2.0 / HOUR
    """False tracks of one radar. Assumption, range 0.2 to 5 an hour: animals, wind-blown crops."""

    def sight(self, targets: Targets, scene: Scene) -> Sight:
        """Follow what moves within the range for its cross-section, above the horizon and in free sight from the mast."""
        return self.finds(targets, scene.stage, self.places_m(scene), self.mast_m)

    @property
    def sees_m(self) -> float:
        """How far a radar sees a standard vehicle on open ground."""
        return self.vehicle_m(self.mast_m)

    def concerns(self, stage: Stage) -> list[str]:
        """Warn of a range beyond the horizon, a least speed that leaves out people on foot, and of false tracks by the hundred."""
        found = super().concerns(stage)
        end_m = float(horizon_m(self.mast_m, 2.0))
        if self.range_m > end_m:
            found.append(f"a mast of {self.mast_m:,.0f} m sees the ground to {end_m / 1000:,.0f} km only, less than the range")
        if self.least_mps >= WALK_MPS:
            found.append(f"follows nothing slower than {self.least_mps * 3.6:,.1f} km/h; people on foot are not seen")
        if (a_day := len(self.units(stage)) * self.slips_per_s * DAY) > MANY_A_DAY:
            found.append(f"gives {a_day:,.0f} false tracks a day; can the desk sort so many?")
        return found
