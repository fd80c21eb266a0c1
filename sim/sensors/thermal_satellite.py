"""Satellites that map fires: the class of VIIRS."""

import numpy as np

from sim import orbits
from sim.kinds import Bools, Floats, Ints
from sim.model import LogNormal, NonNegative, Probability, Spread
from sim.orbits import Orbit, SunSynchronous
from sim.physics.imaging import EARTH_RADIUS_M
from sim.scene import Scene, Stage, Targets
from sim.sensors.overpasses import Overpasses
from sim.units import HOUR, KM, MINUTE, Kelvins, PositiveMetres, PositiveSeconds


class ThermalSatellite(Overpasses, kind="thermal_satellite"):
    """Satellites that sweep a wide swath several times a day and report hot pixels, by day and night, where no cloud lies between.

    A fire is what is hot, silent and stays for a while; what is hot and loud, or hot for a moment only, is a shot or a burst, of which a
    passage tells next to nothing. Refuses: whatever is warm but not hot (never seen), size and power of a fire, the growth of the pixel
    towards the edge of the swath, smoke, sun glint, hills and trees that hide a fire, the weapon that lit it, and seasons of false alarms.
    """

    orbit: Orbit = SunSynchronous(pattern="sun_synchronous", altitude_m=834 * KM, local_times=(13.5,), per_plane=3)
    """Without a word, the three satellites with VIIRS: 13:30 at the ascending node. Assumption: evenly spread in one plane."""
    swath_m: PositiveMetres = 3060 * KM
    """Width of the ground that a satellite sweeps. Source: VIIRS; 3.4 passages a day of one satellite at 48 N follow from it."""
    hot_k: Kelvins = 200.0
    """Contrast from which a target burns or flashes. Assumption: between a hot engine and a flash, as for cameras on masts."""
    burns_s: PositiveSeconds = 10 * MINUTE
    """What is hot for less is a flash. Assumption, range 1 to 60 min."""
    p_fire: Probability = 0.2
    """Chance that a passage finds a fire that shelling lit. Assumption, range 0.1 to 0.4."""
    p_flash: Probability = 0.005
    """Chance that a passage finds shots or bursts that go on below it. Assumption, range 0.0025 to 0.01, that of a lone shell."""
    error_m: PositiveMetres = 375.0
    """Standard deviation of the place, east and north. Assumption: a pixel at the nadir (VIIRS), which is two wide at the edge."""
    p_classify: Probability = 0.1
    """Chance that a contact shows what it is. Assumption, range 0 to 0.3: it tells fire, hardly ever who lit it with what (Bellingcat)."""
    p_attribute: Probability = 0.0
    """Chance that a contact shows who did it. Assumption: none."""
    deliver: Spread | None = LogNormal(median_s=3 * HOUR, p90_s=10 * HOUR)
    """From seen to an alarm on the desk. Assumption within what is published: below 1 h by direct readout, 7 to 10 h from the archive."""
    false_alarms_per_look: NonNegative = 0.03
    """Other fires in one look at a tile of 25 by 27 km. Assumption: 0.45 a day on 1,000 km2 in the mean of the year, of which each of ten
    passages tells a tenth; 0 in winter, 0.1 in August; wrong pixels come to less (1.2 % of those of nominal confidence at most)."""

    def limits_deg(self, stage: Stage) -> tuple[float, float]:
        """See as far off the nadir as the swath is wide."""
        return edge_deg(self.swath_m, orbits.altitude_m(self.records(stage))), 0.0

    def p_look(self, targets: Targets) -> Floats:
        """Find fires, and now and then a flash; nothing that is not hot."""
        hot = np.nan_to_num(targets.heat_k) >= self.hot_k
        burning = np.isnan(targets.sound_db) & (targets.end_s - targets.start_s >= self.burns_s)
        return np.where(hot, np.where(burning, self.p_fire, self.p_flash), 0.0)

    def free(self, tile: Ints, at_s: Floats, elevation_deg: Floats, scene: Scene) -> Bools:
        """Say which looks meet a gap in the cloud; one throw a place and spell."""
        tiles = self.tiles(scene.stage)
        return scene.sky.clear(tiles.chainage_m[tile], tiles.offset_m[tile], at_s, elevation_deg)

    def concerns(self, stage: Stage) -> list[str]:
        """Warn also of a swath that is wider than what a satellite can see."""
        most_m = 2 * EARTH_RADIUS_M * horizon_rad(orbits.altitude_m(self.records(stage)))
        wide = [f"sweeps {self.swath_m / KM:,.0f} km, and sees {most_m / KM:,.0f} km at most"] if self.swath_m > most_m else []
        return super().concerns(stage) + wide


def horizon_rad(altitude_m: float) -> float:
    """Return the angle at the Earth's centre from the nadir to the horizon."""
    return float(np.arccos(EARTH_RADIUS_M / (EARTH_RADIUS_M + max(altitude_m, 0.0))))


def edge_deg(swath_m: float, altitude_m: float) -> float:
    """Return the angle off the nadir at which a satellite sees the edge of its swath.

    Args:
        swath_m: Width along the ground; what is wider ends at the horizon.
        altitude_m: Height of the satellite.

    Source: the tangent in the triangle of satellite, edge and centre of the Earth; the scan of VIIRS is published as 56.3 deg to either
    side for a swath of 3,060 km. Assumption: spherical Earth of 6,371 km.

    >>> round(edge_deg(3_060_000.0, 834_000.0), 1)
    56.1
    """
    arc = min(swath_m / 2 / EARTH_RADIUS_M, horizon_rad(altitude_m))
    return float(np.degrees(np.arctan2(np.sin(arc), 1.0 + altitude_m / EARTH_RADIUS_M - np.cos(arc))))
