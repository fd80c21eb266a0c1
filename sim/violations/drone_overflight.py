"""Drones that fly across the line."""

import numpy as np

from sim.clock import up
from sim.dice import Dice
from sim.kinds import Floats, Ints
from sim.model import LogNormal, Positive, Probability, Spread
from sim.scene import Stage, Targets
from sim.units import HOUR, KM, MINUTE, Decibels, Kelvins, Metres, MetresPerSecond, PositiveMetres, Watts
from sim.violations.base import Acts, Seen, Violation, legs, march, ride_s


class DroneOverflight(Violation, kind="drone_overflight"):
    """A drone crosses the line, flies up and down beyond it, and returns. It leaves no trace.

    It lasts from crossing to crossing; its place is where it begins to fly up and down. For a small quadcopter write a size of 0.4 m,
    60 km/h and 100 m.
    """

    lasts: Spread = LogNormal(median_s=49 * MINUTE, p90_s=98 * MINUTE)
    """How long it is across. Assumption: nine in ten between 20 and 120 min."""
    depth_from_m: Metres = 1 * KM
    """How far it goes beyond the line. Assumption."""
    depth_to_m: Metres = 15 * KM
    """How far it goes beyond the line. Assumption."""
    night_share: Probability | None = 0.4
    """Assumption: most carry day cameras."""

    speed_mps: MetresPerSecond = 80 * KM / HOUR
    """Assumption: 60 to 100 km/h. A scripted act that is short for its depth flies faster."""
    above_ground_m: PositiveMetres = 500.0
    """Height of flight. Assumption."""
    beat_m: PositiveMetres = 10 * KM
    """It flies up and down so much of the line. Assumption."""
    size_m: PositiveMetres = 2.0
    """Critical dimension. Assumption: a fixed wing of 3 m span."""
    rcs_m2: Positive = 0.02
    """Radar cross-section. Assumption: 0.01 to 0.03 m2 is customary for a small drone."""
    heat_k: Kelvins = 3.0
    """Contrast of motor and battery. Assumption."""
    sound_db: Decibels = 95.0
    """Level of its motor at 1 m. Assumption."""
    emitter_w: Watts | None = None
    """Power of its link; without it, it is silent. Assumption: it flies its route by itself."""

    def farthest_m(self, lasts_s: Floats) -> Floats:
        """Fly out and home in four fifths of the act."""
        return 0.4 * self.speed_mps * lasts_s

    def occur(self, acts: Acts, stage: Stage, dice: Dice) -> Targets:
        """Fly in from the line, up and down, and out again."""
        line = stage.line
        crossing = acts.at(line, acts.chainage_m, np.zeros(len(acts)))
        fly_s = up(ride_s(np.abs(acts.offset_m), self.speed_mps, 0.4 * acts.lasts_s))
        there_s, back_s = acts.start_s + fly_s, acts.end_s - fly_s
        drone: Seen = {
            "size_m": self.size_m,
            "heat_k": self.heat_k,
            "rcs_m2": self.rcs_m2,
            "sound_db": self.sound_db,
            "emitter_w": self.emitter_w,
            "height_m": self.above_ground_m,
            "mask_deg": 0.0,
        }
        return Targets.join(
            [
                march(acts, line, "fly in", acts.start_s, there_s, (crossing.xy_m, acts.xy_m), drone),
                self.beats(acts, stage, dice, there_s, back_s, drone),
                march(acts, line, "fly out", back_s, acts.end_s, (acts.xy_m, crossing.xy_m), drone),
            ]
        )

    def beats(self, acts: Acts, stage: Stage, dice: Dice, there_s: Floats, back_s: Floats, drone: Seen) -> Targets:
        """Fly up and down between the place and another along the line, as far as the time allows, and be back."""
        line = stage.line
        way_m = self.speed_mps * (back_s - there_s)
        laps = np.ceil(way_m / (2 * self.beat_m))
        lap_m = way_m / laps
        toward = np.where(acts.uniform(dice("beat", self.name)) < 0.5, -1.0, 1.0)
        toward = np.where(acts.chainage_m + toward * lap_m / 2 > line.length_m, -1.0, np.where(acts.chainage_m < lap_m / 2, 1.0, toward))
        ahead = acts.at(line, acts.chainage_m + toward * lap_m / 2, acts.offset_m)
        east_m, north_m = ahead.x_m - acts.x_m, ahead.y_m - acts.y_m
        scale = lap_m / 2 / np.maximum(np.hypot(east_m, north_m), 1.0)

        def place(row: Ints, share: Floats) -> tuple[Floats, Floats]:
            away = 1.0 - np.abs(1.0 - 2.0 * np.mod(share * laps[row], 1.0))
            return acts.x_m[row] + away * (scale * east_m)[row], acts.y_m[row] + away * (scale * north_m)[row]

        return legs(acts, line, "fly up and down", there_s, back_s, way_m, place, drone)
