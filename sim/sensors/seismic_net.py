"""Geophones in the ground that feel steps, engines and blasts."""

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from sim.kinds import Floats, Ints
from sim.law import REFERENCE_SIZE_M
from sim.line import Line
from sim.model import Probability
from sim.physics.acoustics import BURST_KG, blast_kg, shakes_m
from sim.physics.exposure import exposure_of
from sim.physics.search import p_by_range
from sim.scene import Scene, Stage, Targets
from sim.sensors.sites import Sites
from sim.sky import STATES
from sim.units import DAY, HOUR, KM, Decibels, Metres, MetresPerSecond, PerSecond, PositiveMetres, Seconds
from sim.watch import Sight, stare

STEPS, BLASTS = 0, 1
"""Senses of a string."""
REFERENCE_MPS = 15 * KM / HOUR
"""Speed of the vehicle for which the range is quoted: off the road. Assumption."""
WAVE_MPS = 300.0
"""Speed of surface waves in soil. Assumption, range 150 to 600."""
EDGE = 0.2
"""Width of the logistic edge for blasts, as a share of the range. Assumption, range 0.1 to 0.4."""
WIDEST_EDGES = 4.0
"""Beyond this many widths nothing is felt that is worth counting (2 %): 1.8 times the range for half."""
PERSON_M = 0.75
"""Size of a person. Assumption, as for groups on foot."""
WALK_MPS = 3 * KM / HOUR
"""Speed of a person across country. Assumption, as for groups on foot."""


class SeismicNet(Sites, kind="seismic_net"):
    """Strings of geophones along the line that feel what walks or drives over them, and blasts some way off.

    A leg of a move tells its middle and its length, not its heading: headings are taken as evenly spread, and the leg is felt if it comes
    within range of the string, between geophones in proportion to the ground that they cover. The chance holds for the leg as a whole.
    Refuses: what stands still and is silent, what flies; mass, soil, wetness and frost, the noise of wind, rain and traffic, boats (felt
    as if they drove), the difference between a blast in the air and in the ground, and places from the times at several strings.
    """

    string_m: PositiveMetres = 1600.0
    """Length of a string, which lies straight. Source: the sensor of one mile of which the US Senate was told in 2005."""
    apart_m: PositiveMetres = 50.0
    """From geophone to geophone. Assumption, so that walkers do not pass between them."""
    offset_m: Metres = 500.0
    """Distance of the strings from the line, positive on side A. Assumption."""
    vehicle_m: PositiveMetres = 300.0
    """At which one vehicle of 2.3 m is felt at 15 km/h; a walker follows at 25 m, four walkers at 35 m. Assumption, range 100 to 500 m.
    Walkers were felt at more than 30 m beside running engines (Audette et al. 2009, Creare TN-804)."""
    furthest_m: PositiveMetres = 500.0
    """Nothing that moves is felt farther, however heavy, fast or many. Assumption."""
    p_passes: Probability = 0.9
    """Chance that what comes within range is told from the unrest of the ground. Assumption, range 0.6 to 0.98."""
    blast_mps: MetresPerSecond = 1e-5
    """Peak velocity of the ground at which half of the blasts are noted. Assumption: ten times the unrest of open country; range 1e-6 to
    1e-4. A shell of 155 mm is felt to 2.6 km."""
    quietest_db: Decibels = 140.0
    """What is fainter at 1 m is no blast. Assumption, as for microphones."""
    blast_error: Annotated[float, Field(gt=0.0)] = 0.3
    """Error of the place of a blast over its distance. Assumption, range 0.1 to 0.5."""
    decides_s: Seconds = 10.0
    """Until steps or a blast are told. Assumption, range 2 to 60 s."""
    p_classify: Probability = 0.3
    """Chance to tell what it is: steps, wheels, tracks and blasts, no more. Assumption, range 0.1 to 0.6."""
    p_attribute: Probability = 0.1
    """Chance that it shows who, by where it goes; a blast does not. Assumption, range 0 to 0.3."""
    false_alarms_per_s: PerSecond = 1.0 / (90 * DAY)
    """Of one string. Source: the goal for a sensor of one mile, 1 in 90 days, which was said to be out of reach (K. Evans, DHS, hearing of
    the US Senate, 2005); animals, wind and traffic may give 1 a day (assumption)."""
    notices: ClassVar[str] = "feels a shell of 155 mm burst"

    def spans_m(self, scene: Scene) -> tuple[float, ...]:
        """Return along how much of the line the false alarms of each string lie."""
        return (self.string_m,) * len(self.units(scene.stage))

    def sight(self, targets: Targets, scene: Scene) -> Sight:
        """Feel what moves over a string, and blasts within its range."""
        stirs_m = self.stirs_m(targets.size_m, targets.speed_mps, targets.pieces)
        blast_m = shakes_m(np.where(targets.sound_db >= self.quietest_db, blast_kg(targets.sound_db), 0.0), self.blast_mps)
        rows = np.flatnonzero((np.nan_to_num(targets.height_m) <= 0.0) & (np.maximum(stirs_m, blast_m) > 0.0))
        some, stirs_m, blast_m = targets.take(rows), stirs_m[rows], blast_m[rows]
        half_way_m = np.nan_to_num(some.speed_mps) * (some.end_s - some.start_s) / 2
        told = self.p_passes * np.minimum(2.0 * stirs_m / self.apart_m, 1.0)
        parts = []
        for unit, chainage_m in enumerate(self.chainages_m(scene.stage).tolist()):
            along_m, across_m, half_m = beside(some, self.string_m, chainage_m, self.offset_m, scene.line)
            off_m = np.hypot(np.maximum(np.abs(along_m) - half_m, 0.0), across_m)
            near = np.flatnonzero((stirs_m > 0.0) & (off_m <= half_way_m + stirs_m))
            p_felt = told[near] * p_meets(along_m[near], across_m[near], half_way_m[near], half_m, stirs_m[near])
            parts.append(self.felt(unit, STEPS, rows[near], some.take(near), p_felt, stirs_m[near], stirs_m[near]))
            near = np.flatnonzero((blast_m > 0.0) & (off_m <= (1.0 + WIDEST_EDGES * EDGE) * blast_m))
            p_felt, error_m = p_by_range(off_m[near], blast_m[near], EDGE), np.maximum(self.blast_error * off_m[near], self.apart_m)
            parts.append(self.felt(unit, BLASTS, rows[near], some.take(near), p_felt, off_m[near], error_m))
        return Sight.join(parts)

    def stirs_m(self, size_m: Floats | float, speed_mps: Floats | float, pieces: Floats | float = 1.0) -> Floats:
        """Return how far off movers are felt: with the root of mass times speed, and the fourth root of their number.

        Mass goes with the cube of the size. The shaking goes with the momentum of one and the root of the number, and falls with the
        square of the distance, by spreading and by loss to the soil. Assumption, all of it; no column tells the mass.

        Args:
            size_m: Of one piece, `nan` for none.
            speed_mps: What stands does not stir.
            pieces: How many. All are broadcast.
        """
        mass = (np.nan_to_num(size_m) / REFERENCE_SIZE_M) ** 3
        moment = mass * np.nan_to_num(speed_mps) / REFERENCE_MPS * np.sqrt(np.nan_to_num(pieces, nan=1.0))
        return np.asarray(np.minimum(self.vehicle_m * np.sqrt(moment), self.furthest_m))

    def felt(self, unit: int, sense: int, rows: Ints, some: Targets, p_felt: Floats, away_m: Floats, error_m: Floats) -> Sight:
        """Return what one string feels: each row with a chance as a whole, from so far away, with a round error of its place.

        Args:
            unit: Number of the string.
            sense: Steps or blasts.
            rows: Of the targets near it. Shape (R,).
            some: These targets.
            p_felt: Shape (R,).
            away_m: Shape (R,).
            error_m: Standard deviation east and north. Shape (R,).
        """
        rate = (exposure_of(p_felt) / (some.end_s - some.start_s))[:, None] * np.ones(STATES)
        p_classify, p_attribute = np.full(len(rows), self.p_classify), np.full(len(rows), self.p_attribute if sense == STEPS else 0.0)
        delay_s, spread_m = away_m / WAVE_MPS + self.decides_s, error_m[:, None, None] * np.eye(2)
        sight = stare(rows, rate, np.full(len(rows), unit), p_classify, p_attribute, delay_s, np.full(1, sense), spread_m)
        return sight.take(p_felt > 0.0)

    @property
    def sees_m(self) -> float:
        """How far it feels the burst of a shell of 155 mm."""
        return float(shakes_m(BURST_KG, self.blast_mps))

    def reach_m(self, stage: Stage) -> list[tuple[float, float]]:
        """Return the stretches along which strings lie: steps are felt there only."""
        half_m = self.string_m / 2
        return [(max(place_m - half_m, 0.0), place_m + half_m) for place_m in self.chainages_m(stage).tolist()]

    def concerns(self, stage: Stage) -> list[str]:
        """Warn of walkers who pass between geophones, and of stretches without strings."""
        found = super().concerns(stage)
        covered = 2.0 * float(self.stirs_m(PERSON_M, WALK_MPS)) / self.apart_m
        if covered < 0.95:
            found.append(f"geophones {self.apart_m:,.0f} m apart leave {1.0 - covered:.0%} of the ground between them to a walker")
        gap_m = float(np.diff(np.sort(self.chainages_m(stage))).max(initial=0.0)) - self.string_m
        if self.every_m is not None and gap_m > 0.0:
            found.append(f"{gap_m:,.0f} m lie open between neighbouring strings of {self.string_m:,.0f} m")
        return found


def beside(targets: Targets, string_m: float, chainage_m: float, offset_m: float, line: Line) -> tuple[Floats, Floats, float]:
    """Return places along a string from its middle and across it, shapes (N,), and half of its length as it lies."""
    ends_m = np.clip(np.array([chainage_m - string_m / 2, chainage_m + string_m / 2]), 0.0, line.length_m)
    x_m, y_m = line.at(ends_m, np.full(2, offset_m))
    length_m = float(np.hypot(x_m[1] - x_m[0], y_m[1] - y_m[0]))
    east, north = (x_m[1] - x_m[0]) / length_m, (y_m[1] - y_m[0]) / length_m
    to_x_m, to_y_m = targets.x_m - x_m.mean(), targets.y_m - y_m.mean()
    return to_x_m * east + to_y_m * north, to_y_m * east - to_x_m * north, length_m / 2


def p_meets(along_m: Floats, across_m: Floats, half_way_m: Floats, half_string_m: float, reach_m: Floats) -> Floats:
    """Return the chance that a straight way of unknown heading meets a string, or comes within reach of it.

    The part of the string that the way is long enough for is seen from its middle under some angle; the chance is its share of 180
    degrees. Reach brings the string nearer and makes it longer.

    Args:
        along_m: Middle of the way, along the string from its middle. Shape (N,).
        across_m: The same across it. Shape (N,).
        half_way_m: Half of the length of the way. Shape (N,).
        half_string_m: Half of that of the string.
        reach_m: Shape (N,).

    Returns:
        Chance, shape (N,).

    Derived: plane geometry. Assumption: headings evenly spread.

    >>> p_meets(np.array([0.0]), np.array([500.0]), np.array([1000.0]), 1e9, np.array([0.0])).round(4).tolist()
    [0.6667]
    """
    across_m = np.maximum(np.abs(across_m) - reach_m, 1e-6)
    longest_m = np.sqrt(np.maximum(half_way_m**2 - across_m**2, 0.0))
    first_m = np.maximum(-half_string_m - reach_m - along_m, -longest_m)
    last_m = np.minimum(half_string_m + reach_m - along_m, longest_m)
    return np.where(last_m > first_m, (np.arctan2(last_m, across_m) - np.arctan2(first_m, across_m)) / np.pi, 0.0)
