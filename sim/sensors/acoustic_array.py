"""Microphones that hear shots, and place them where enough of them do."""

import math
from typing import Annotated, ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from sim.kinds import Floats, Ints
from sim.line import Line
from sim.model import Model, NonNegative, Positive, Probability
from sim.physics.acoustics import (
    EDGE,
    NOTED_DB,
    RANGE_FLOOR,
    SHOT_DB,
    WEATHERS,
    half_heard_m,
    p_at_least,
    p_heard,
    position_spread_m,
    sound_delay_s,
    wind_bias_m,
)
from sim.physics.ellipse import ellipse_m
from sim.physics.exposure import exposure_of
from sim.scene import Scene, Stage, Targets
from sim.sensors.sites import Sites
from sim.sky import STATES
from sim.units import DAY, KM, Decibels, Degrees, Metres, MetresPerSecond, PerSecond, PositiveMetres, PositiveSeconds, Seconds, fault
from sim.watch import Sight, stare

LOCATED, HEARD = 0, 1
"""Senses of an array: what enough posts hear has a place; what fewer hear has a bearing."""
WIDEST_EDGES = 4.0
"""Beyond this many widths of its edge a post hears nothing worth counting (2 %): 1.6 times the range for half."""
LEAST = 1e-6
"""Exposures below are none."""


class ByWeapon(Model):
    """A chance by weapon; by level between them, and beyond them that of the nearest."""

    small_arms: Probability = 0.4
    mortar: Probability = 0.6
    howitzer: Probability = 0.7
    rocket_launcher: Probability = 0.8

    def at(self, sound_db: Floats) -> Floats:
        """Return the chance at levels at 1 m. Shape (N,)."""
        return np.asarray(np.interp(sound_db, list(SHOT_DB.values()), [getattr(self, name) for name in SHOT_DB]))


class AcousticArray(Sites, kind="acoustic_array"):
    """Arrays for sound ranging, each a zigzag of posts along the line with one centre that joins what they hear.

    A post notes a shot by its level, the distance and the weather; three posts give a place, one or two only a bearing. The act of a row
    is noted with that chance once, however many shots it has: they share the weather. Names no side unless the place is clear of the line
    by more than its error, and none from bursts (what sounds and has no radar cross-section): they tell where it fell, not who fired.
    The same kind with other levels listens for drones: for half of the quadcopters of 95 dB at 0.5 km, and of one-way drones at 3 km if
    these have 111.5 dB, write `noted: 40.8 dB, quietest: 80 dB, loudest: 130 dB, apart: 400 m, deep: 200 m`.
    Refuses: the paths of sound (shadows, echoes, terrain; the weather is one factor), noise of the place and of battle, shots that
    overlap, posts of two arrays heard together, and posts that stay down from shot to shot.
    """

    posts: Annotated[int, Field(ge=3, le=64)] = 6
    """Of an array. Assumption, range 3 to 12."""
    apart_m: PositiveMetres = 2 * KM
    """From post to post along the line. Assumption, range 1 to 3 km."""
    deep_m: Metres = 1 * KM
    """Every other post stands so much farther from the line. Assumption."""
    offset_m: Metres = 2 * KM
    """Distance of the posts from the line, positive on side A. Assumption."""
    needed: Annotated[int, Field(ge=3)] = 3
    """Posts that must hear for a place. Source: differences of three times are the least that fix one (Torrieri 1984)."""
    noted_db: Decibels = NOTED_DB
    """Level at a post of which half is noted. Assumption: small arms to 1.5 km, mortars 6, howitzers 14, rockets 18; range x0.5 to x2."""
    quietest_db: Decibels = 140.0
    """What is fainter at 1 m is not listened for: engines, drones, voices. Assumption, range 130 to 150."""
    loudest_db: Decibels = 250.0
    """What is louder at 1 m is not listened for. Assumption: nothing, for an array that listens for guns."""
    post_availability: Probability = 0.9
    """Chance that a post hears at all, shot by shot. Assumption, range 0.7 to 0.98; `availability` is that of the centre."""
    availability: Probability = 0.97
    """Share of time that the centre works. Assumption, range 0.9 to 0.99."""
    time_error_s: PositiveSeconds = 0.01
    """Standard error of a time of arrival. Assumption, range 1 to 30 ms."""
    range_error: NonNegative = RANGE_FLOOR
    """Error of the place that stays, over the range. Assumption: 1.5 %, range 0.7 to 3 %."""
    wind_mps: MetresPerSecond | None = None
    """Wind that nobody corrects for: 5 m/s add 148 m at 10 km to the error. Without it, arrays measure the wind, as is usual."""
    bearing_deg: Annotated[Degrees, Field(gt=0.0)] = 3.0
    """Error of a bearing from one post with a cluster of microphones. Assumption, range 1 to 10."""
    range_unknown: Positive = 0.4
    """Error of a distance that is only judged by the level, over the distance; a place that is worse is a bearing. Assumption, 0.2 to 1."""
    bearings: bool = False
    """Whether what too few posts hear is reported too, at the price of the false alarms of every post."""
    process_s: Seconds = 5.0
    """From the last sound to a place. Assumption."""
    p_classify: ByWeapon = ByWeapon()
    """Chance to tell what was fired, by weapon. Assumption, +-0.2."""
    alone: Probability = 0.5
    """Share of that chance that fewer posts leave. Assumption, range 0.2 to 0.8."""
    false_alarms_per_s: PerSecond = 0.06 / DAY
    """Of one array. Derived: 0.02 per 100 km2 and day where three posts agree (assumption, x0.5 to x2), on 10 km by 30 km."""
    post_false_alarms_per_s: PerSecond = 0.2 / DAY
    """Of one post alone: quarries, hunters, thunder, clearance of mines. Assumption, x0.5 to x2. Counts where bearings are reported."""
    notices: ClassVar[str] = "hears the loudest weapon"

    @model_validator(mode="after")
    def possible(self) -> Self:
        """Refuse a place from more posts than there are, and levels in the wrong order."""
        if self.needed > self.posts:
            raise fault("posts", "no array of so few posts hears with so many; make 'posts' larger", at="needed")
        if self.loudest_db <= self.quietest_db:
            raise fault("levels", "'loudest' is not above 'quietest'; it would listen for nothing", at="loudest")
        return self

    @property
    def slips_per_s(self) -> float:
        """False alarms of one array: of posts that agree, and of single posts where these are reported."""
        return self.false_alarms_per_s + (self.posts * self.post_false_alarms_per_s if self.bearings else 0.0)

    @property
    def width_m(self) -> float:
        """From the first post of an array to the last."""
        return (self.posts - 1) * self.apart_m

    def spans_m(self, scene: Scene) -> tuple[float, ...]:
        """Return along how much of the line the false alarms of each array lie."""
        return (self.width_m,) * len(self.units(scene.stage))

    def posts_m(self, chainage_m: float, line: Line) -> Floats:
        """Return where the posts of an array stand: in a zigzag about its place, moved along where the line ends. Shape (P, 2)."""
        middle_m = min(max(chainage_m, self.width_m / 2), max(line.length_m - self.width_m / 2, self.width_m / 2))
        along_m = np.linspace(middle_m - self.width_m / 2, middle_m + self.width_m / 2, self.posts)
        offset_m = np.full(self.posts, self.offset_m)
        offset_m[1::2] += math.copysign(self.deep_m, self.offset_m)
        return np.stack(line.at(along_m, offset_m), axis=1)

    def sight(self, targets: Targets, scene: Scene) -> Sight:
        """Hear what sounds as loud as is listened for, with the weather where it sounds as it begins."""
        rows = np.flatnonzero((targets.sound_db >= self.quietest_db) & (targets.sound_db <= self.loudest_db))
        some = targets.take(rows)
        half_m = half_heard_m(some.sound_db, scene.sky.carries(some.chainage_m, some.start_s), self.noted_db)
        parts = []
        for unit, chainage_m in enumerate(self.chainages_m(scene.stage).tolist()):
            posts_m = self.posts_m(chainage_m, scene.line)
            middle_m = posts_m.mean(axis=0)
            reach_m = (1.0 + WIDEST_EDGES * EDGE) * half_m + np.hypot(*(posts_m - middle_m).T).max()
            near = np.flatnonzero(some.distance_m(*middle_m.tolist()) <= reach_m)
            parts += self.hears(unit, posts_m, rows[near], some.take(near), half_m[near], scene.line)
        return Sight.join(parts)

    def hears(self, unit: int, posts_m: Floats, rows: Ints, some: Targets, half_m: Floats, line: Line) -> list[Sight]:
        """Return what one array places, and what it only hears where that is reported: a throw for each, that together give any post's.

        Args:
            unit: Number of the array.
            posts_m: Where its posts stand. Shape (P, 2).
            rows: Of the targets near it. Shape (N,).
            some: These targets.
            half_m: How far off half of each is noted. Shape (N,).
            line: On which sides are told.
        """
        source_m = np.stack([some.x_m, some.y_m], axis=1)
        level_m = np.hypot(*(source_m[:, None, :] - posts_m).transpose(2, 0, 1))
        range_m = np.hypot(level_m, np.nan_to_num(some.height_m)[:, None])
        within = range_m <= (1.0 + WIDEST_EDGES * EDGE) * half_m[:, None]
        p_post = np.where(within, self.post_availability * p_heard(range_m, half_m[:, None]), 0.0)
        placed, any_post = (exposure_of(p_at_least(p_post, number)) for number in (self.needed, 1))
        ranked_m, (east_m, north_m) = np.sort(range_m, axis=1), (source_m - posts_m[range_m.argmin(axis=1)]).T
        ear_m = level_m.min(axis=1)
        bearing = ellipse_m(self.range_unknown * ear_m, np.radians(self.bearing_deg) * ear_m, east_m, north_m)
        hear = (range_m <= ranked_m[:, self.needed - 1 : self.needed]) | (p_post > 0.5)
        floor = float(np.hypot(self.range_error, wind_bias_m(1.0, self.wind_mps or 0.0)))
        place = position_spread_m(source_m, posts_m, hear, self.time_error_s, floor=floor)
        vague = np.sqrt((place**2).sum(axis=(1, 2))) > self.range_unknown * ranked_m[:, 0]
        told = self.p_classify.at(some.sound_db)
        found = [(LOCATED, placed, self.needed, np.where(vague[:, None, None], bearing, place), told)]
        if self.bearings:
            found.append((HEARD, any_post - placed, 1, bearing, self.alone * told))
        parts = []
        for sense, exposure, posts, spread_m, p_classify in found:
            hit = np.flatnonzero(exposure > LEAST)
            p_attribute = p_classify * ~np.isnan(some.rcs_m2) * p_clear(some, spread_m, line)
            delay_s = sound_delay_s(ranked_m[:, posts - 1]) + self.process_s
            rate = (exposure / (some.end_s - some.start_s))[hit, None] * np.ones(STATES)
            track, senses = np.full(len(hit), unit), np.full(1, sense)
            parts.append(stare(rows[hit], rate, track, p_classify[hit], p_attribute[hit], delay_s[hit], senses, spread_m[hit]))
        return parts

    @property
    def sees_m(self) -> float:
        """How far an array hears the loudest weapon that it listens for, in usual weather."""
        return float(half_heard_m(min(SHOT_DB["rocket_launcher"], self.loudest_db), 1.0, self.noted_db))

    def concerns(self, stage: Stage) -> list[str]:
        """Warn of gaps between arrays in bad weather, and of what bearings cost in false alarms."""
        found = super().concerns(stage)
        level_db = min(max(SHOT_DB["mortar"], self.quietest_db), self.loudest_db)
        bad_m = float(half_heard_m(level_db, min(WEATHERS), self.noted_db))
        gap_m = float(np.diff(np.sort(self.chainages_m(stage))).max(initial=0.0)) - self.width_m
        if gap_m > 2 * bad_m:
            found.append(
                f"{gap_m / KM:,.1f} km lie between neighbouring arrays; in bad weather half of the sounds of {level_db:,.0f} dB, "
                f"{'a mortar, ' if level_db == SHOT_DB['mortar'] else ''}are noted to {bad_m / KM:,.1f} km"
            )
        if self.bearings and self.post_false_alarms_per_s:
            a_day = len(self.units(stage)) * self.slips_per_s * DAY
            found.append(f"reports what single posts hear, and so gives {a_day:,.1f} false alarms a day")
        return found


def p_clear(targets: Targets, spread_m: Floats, line: Line) -> Floats:
    """Return the chance that the error of a place is smaller than its distance to the line, so that its side is clear.

    Args:
        targets: Where they are. Shape (N,).
        spread_m: Error ellipses. Shape (N, 2, 2).
        line: That parts the sides.

    Returns:
        Chance, 0 on the line. Shape (N,).

    Derived: erf(d / (sigma sqrt(2))) with sigma across the line, which is taken as straight.
    """
    from scipy.special import erf

    foot_x_m, foot_y_m = line.at(targets.chainage_m, np.zeros(len(targets)))
    away_m = np.stack([targets.x_m - foot_x_m, targets.y_m - foot_y_m], axis=1)
    distance_m = np.hypot(away_m[:, 0], away_m[:, 1])
    across_m = np.einsum("nij,ni->nj", spread_m, away_m / np.maximum(distance_m, 1.0)[:, None])
    sigma_m = np.maximum(np.hypot(across_m[:, 0], across_m[:, 1]), 1e-9)
    return np.asarray(erf(distance_m / sigma_m / np.sqrt(2.0)), dtype=np.float64)
