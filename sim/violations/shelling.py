"""Guns and mortars that fire across the line."""

import numpy as np

from sim.clock import up
from sim.dice import Dice
from sim.kinds import Floats
from sim.model import LogNormal, Positive, Probability, Spread
from sim.scene import Stage, Targets
from sim.units import DAY, HOUR, KM, MINUTE, Decibels, Kelvins, Metres, MetresPerSecond, PositiveMetres, PositiveSeconds
from sim.violations.base import SHORTEST_S, Acts, Counts, Seen, Violation, march, phase


class Shelling(Violation, kind="shelling"):
    """A fire mission: guns fire from one side, shells burst on the other, the guns move off, craters stay.

    The incident's place is that of the bursts, which is what a mission reports; the guns stand behind the line of who fires.
    Ranges of 0.2 to 6 km beyond the line and 2 to 15 km behind it are assumptions within the reach of 155 mm guns.
    """

    lasts: Spread = LogNormal(median_s=10 * MINUTE, p90_s=35 * MINUTE)
    """How long it lasts. Assumption, from 5 to 40 min for tube artillery; OSCE noted 240 explosions in 35 min (13 October 2017)."""
    depth_from_m: Metres = 0.2 * KM
    """Of the bursts beyond the line. Assumption."""
    depth_to_m: Metres = 6 * KM
    """Of the bursts beyond the line. Assumption."""
    counts: Counts = Counts(mean=8.0, sigma=1.2)
    """Explosions that a mission counts. Derived: fits the OSCE daily counts of quiet months (mean 6 to 9); 14 to 20 fits 2021."""
    night_share: Probability | None = 0.6
    """Assumption: firing is said to be mostly at night, 0.55 to 0.65."""
    p_hidden: Probability = 0.5
    """Share of guns that are concealed once they are silent. Assumption, 0.3 to 0.7."""
    trace: Spread | None = LogNormal(median_s=4 * DAY, p90_s=14 * DAY)
    """How long craters can be told as fresh. Assumption."""

    guns_from_m: PositiveMetres = 2 * KM
    """Distance of the guns behind their own side of the line, uniform from here. Assumption."""
    guns_to_m: PositiveMetres = 15 * KM
    """The same, to here. Assumption."""
    guns: Positive = 3.0
    """Pieces that fire together. Assumption: half a battery."""
    gun_size_m: PositiveMetres = 2.3
    """Source: STANAG 4347, NATO target of 2.3 m by 2.3 m."""
    gun_rcs_m2: Positive = 10.0
    """Radar cross-section of one gun. Assumption: 10 dBsm is customary for a vehicle."""
    flash_k: Kelvins = 500.0
    """Contrast of the muzzle flash, spread over the gun. Assumption: several hundred."""
    warm_k: Kelvins = 10.0
    """Contrast of a barrel and an engine after firing. Assumption."""
    sound_db: Decibels = 180.0
    """Level of a shot and of a burst at 1 m. Assumption: 155 mm, set so that it fades by spherical spreading."""
    move_off_from_s: PositiveSeconds = 2 * MINUTE
    """A gun leaves so long after its last shot, uniform from here. Assumption: practice against counter-fire."""
    move_off_to_s: PositiveSeconds = 6 * MINUTE
    """The same, to here. Assumption."""
    move_m: PositiveMetres = 2 * KM
    """How far the guns go, straight away from the bursts. Assumption."""
    speed_mps: MetresPerSecond = 15 * KM / HOUR
    """How fast they go, off the road. Assumption."""
    shell_rcs_m2: Positive = 0.01
    """Radar cross-section of a shell in flight. Assumption, for 120 to 155 mm."""
    shell_mps: MetresPerSecond = 300.0
    """Mean speed of a shell over the ground. Assumption."""
    burst_m: PositiveMetres = 5.0
    """Size of the cloud of dust that a burst throws up. Assumption."""
    burst_k: Kelvins = 600.0
    """Contrast of a burst. Assumption: several hundred."""
    crater_m: PositiveMetres = 5.0
    """Width of a crater with its ring of earth. Assumption, for 152 to 155 mm."""

    def occur(self, acts: Acts, stage: Stage, dice: Dice) -> Targets:
        """Fire, with shells in the air and bursts beyond the line; stay a few minutes, move off, leave craters.

        A shell flies for less than a minute: guns and bursts begin and end together.
        """
        line = stage.line
        guns = acts.at(line, acts.chainage_m, acts.side * acts.uniform(dice("guns", self.name), self.guns_from_m, self.guns_to_m))
        leaves_s = up(acts.end_s + acts.uniform(dice("move off", self.name), self.move_off_from_s, self.move_off_to_s))
        there_s = up(leaves_s + max(self.move_m / self.speed_mps, SHORTEST_S))
        range_m = np.maximum(np.hypot(guns.x_m - acts.x_m, guns.y_m - acts.y_m), 1.0)
        hide = tuple(gun_m + self.move_m / range_m * (gun_m - burst_m) for gun_m, burst_m in zip(guns.xy_m, acts.xy_m, strict=True))
        warm: Seen = {"size_m": self.gun_size_m, "pieces": self.guns, "rcs_m2": self.gun_rcs_m2, "heat_k": self.warm_k}
        firing: Seen = {**warm, "heat_k": self.flash_k, "sound_db": self.sound_db}
        burst: Seen = {"size_m": self.burst_m, "heat_k": self.burst_k, "sound_db": self.sound_db}
        return Targets.join(
            [
                phase(guns, "fire", acts.start_s, acts.end_s, firing),
                self.shells(acts, guns, range_m, stage),
                phase(acts, "bursts", acts.start_s, acts.end_s, burst),
                phase(guns, "silent", acts.end_s, leaves_s, warm, hidden=acts.hidden),
                march(guns, line, "move off", leaves_s, there_s, (guns.xy_m, (hide[0], hide[1])), warm),
                *self.left(acts, dice, self.crater_m, np.maximum(acts.countable, 1)),
            ]
        )

    def shells(self, acts: Acts, guns: Acts, range_m: Floats, stage: Stage) -> Targets:
        """Return the shells in the air, half way and as high as a shot at 45 degrees rises: a quarter of its range."""
        above = acts.moved(stage.line, (acts.x_m + guns.x_m) / 2, (acts.y_m + guns.y_m) / 2)
        shell: Seen = {"rcs_m2": self.shell_rcs_m2, "speed_mps": self.shell_mps, "height_m": range_m / 4, "mask_deg": 0.0}
        return phase(above, "shells", acts.start_s, acts.end_s, shell)
