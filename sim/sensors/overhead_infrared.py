"""Infrared sensors in high orbits that stare and report flashes and plumes: the class of SBIRS."""

from typing import Annotated, Self

import numpy as np
from pydantic import model_validator

from sim.kinds import Floats
from sim.model import Probability
from sim.physics.exposure import exposure_of
from sim.scene import Scene, Stage, Targets
from sim.sensors.base import Sensor
from sim.sky import STATES
from sim.units import DAY, KM, Decibels, Kelvins, PerSecond, PositiveMetres, Quantity, Seconds, fault
from sim.watch import Sight, Track, stare


class OverheadInfrared(Sensor, kind="overhead_infrared"):
    """Satellites that look at all of the line all the time; whose they are warns its own at once, and others when it likes (`deliver`).

    Each row of what happens that is hot and loud is one event with one chance, by how hot it is, however long it lasts and however many
    shots it holds; a fire mission has two, the guns and the bursts. Cloud over the place when it begins hides all but missiles, which climb
    out of it. All satellites together are one unit. Refuses: what is not hot, or makes no noise, as engines and fires do (never seen);
    brightness by size and distance, glint, day and night, the real capability, which is not public, and satellites that fail.
    """

    elevation_deg: Annotated[float, Quantity("angle", above=0.0)] = 35.0
    """Height of the satellites above the horizon, for cloud and for what hides a place. Derived: 34.8 deg at 48 N, below a geostationary
    one on the same meridian."""
    shot_k: Kelvins = 300.0
    """Contrast from which shots and bursts are seen. Assumption, below the several hundred of a muzzle flash."""
    salvo_k: Kelvins = 800.0
    """Contrast from which an event shines like a volley of rockets. Assumption, range 700 to 1,200 K."""
    missile_k: Kelvins = 1500.0
    """Contrast from which an event shines like the plume of a ballistic missile. Assumption, range 1,200 to 2,500 K."""
    loud_db: Decibels = 140.0
    """What makes less noise at 1 m is no shot, burst or launch, however hot. Assumption, as for microphones."""
    p_shot: Probability = 0.02
    """Chance that tube artillery is seen. Assumption, range 0.01 to 0.04."""
    p_salvo: Probability = 0.5
    """Chance that a volley of rockets is seen. Assumption, range 0.25 to 0.9."""
    p_missile: Probability = 0.98
    """Chance that a ballistic missile is seen. Assumption, range 0.9 to 1; those of January 2020 were reported in time for a warning."""
    error_m: PositiveMetres = 1 * KM
    """Standard deviation of the place, east and north. Assumption, range 0.5 to 2 km."""
    warn_s: Seconds = 90.0
    """From seen to the owner's own desk. Assumption, range 1 to 2 min; how long the owner then keeps it is `deliver`."""
    p_classify: Probability = 0.6
    """Chance that a contact shows what it is. Assumption, range 0.3 to 0.9."""
    p_attribute: Probability = 0.3
    """Chance that a contact shows who did it. Assumption, range 0.1 to 0.6: guns stand some kilometres behind the line."""
    false_alarms_per_s: PerSecond = 1.0 / (10 * DAY)
    """On the whole line: flares, explosions, large fires. Assumption, range 0 to 1 a day."""

    @model_validator(mode="after")
    def ordered(self) -> Self:
        """Refuse thresholds the wrong way round."""
        if not self.shot_k <= self.salvo_k <= self.missile_k:
            raise fault("thresholds", "a shot is not hotter than a salvo, nor a salvo than a missile", at="salvo_k")
        return self

    def tracks(self, scene: Scene) -> tuple[Track, ...]:
        """Look from one place at all of the line."""
        middle_m = scene.line.length_m / 2
        x_m, y_m = scene.line.at(np.array([middle_m]), np.zeros(1))
        return (Track(np.array([[x_m[0], y_m[0]]]), middle_m, scene.sky.patch_of(middle_m)),)

    def spans_m(self, scene: Scene) -> tuple[float, ...]:
        """Return along how much of the line the false alarms lie: all of it."""
        return (scene.line.length_m,)

    def sight(self, targets: Targets, scene: Scene) -> Sight:
        """See each event with its chance as a whole, where no cloud lies between."""
        p_event = self.p_event(targets)
        rows = np.flatnonzero((p_event > 0.0) & (targets.mask_deg < self.elevation_deg))
        some = targets.take(rows)
        height_deg = np.full(len(rows), self.elevation_deg)
        begins_s = np.clip(some.start_s, 0.0, scene.horizon_s)
        clear = scene.sky.clear(some.chainage_m, some.offset_m, begins_s, height_deg) | (some.heat_k >= self.missile_k)
        rows, some = rows[clear], some.take(clear)
        rate = exposure_of(p_event[rows]) / (some.end_s - some.start_s)
        p_classify, p_attribute = np.full(len(rows), self.p_classify), np.full(len(rows), self.p_attribute)
        delay_s, spread_m = np.full(len(rows), self.warn_s), self.error_m * np.eye(2)[None]
        track = np.zeros(len(rows), dtype=np.int64)
        return stare(rows, rate[:, None] * np.ones(STATES), track, p_classify, p_attribute, delay_s, spread_m=spread_m)

    def p_event(self, targets: Targets) -> Floats:
        """Return the chance that each target is seen under a clear sky, by its heat; nothing for what is silent. Shape (N,)."""
        heat_k = np.where(np.nan_to_num(targets.sound_db) >= self.loud_db, np.nan_to_num(targets.heat_k), 0.0)
        level = [heat_k >= self.missile_k, heat_k >= self.salvo_k, heat_k >= self.shot_k]
        return np.select(level, [self.p_missile, self.p_salvo, self.p_shot], 0.0)

    def concerns(self, stage: Stage) -> list[str]:
        """Warn of satellites beyond the zenith, and of an owner who keeps nothing back."""
        high = [f"satellites at {self.elevation_deg:.0f} deg above the horizon; 90 deg is the zenith"] if self.elevation_deg > 90.0 else []
        return high + ([] if self.deliver else ["without 'deliver' its owner tells everybody at once"])
