"""How far shots are heard, where a net of posts places them, and what the ground carries of a blast."""

import numpy as np

from sim.kinds import Bools, Floats
from sim.physics.search import p_by_range

AIR_LOSS_DB_PER_M = 0.0004
"""Source: ISO 9613-1:1993, for 125 Hz, 10 degrees Celsius and 70 % humidity."""
NOTED_DB = 91.5
"""Peak level at a post at which half of the shots are noted, in usual weather. Assumption: fitted so that a howitzer of 180 dB, the level
that shelling has here, is noted to 14 km; posts of sound ranging arrays are said to hear artillery at 10 to 20 km."""
SHOT_DB = {"small_arms": 155.6, "mortar": 169.5, "howitzer": 180.0, "rocket_launcher": 183.8}
"""Peak level at 1 m by weapon. Assumption: what `NOTED_DB` asks of weapons that are noted to 1.5, 6, 14 and 18 km. Peaks measured near the
weapon run from 157 dB for a 5.56 mm rifle to 183 dB for a 105 mm howitzer (The Synergist, AIHA, November 2016)."""
EDGE = 0.15
"""Width of the logistic edge of hearing, as a share of the range. Assumption, range 0.1 to 0.3."""
WEATHERS = (0.5, 1.0, 1.6)
"""Factor on the range of hearing: upwind or turbulent by day, usual, downwind or inversion at night. Assumption."""
WEATHER_SHARES = (0.35, 0.40, 0.25)
"""How often each of them rules. Assumption."""
RANGE_FLOOR = 0.015
"""Error of position that wind and temperature leave, as a share of the range. Assumption: 1.5 % is customary for sound ranging."""
GROUND_MPS = 1.0
"""Peak velocity of the ground at a scaled distance of 1 m per cube root of 1 kg. Assumption, for bursts on soil; range 0.3 to 3."""
GROUND_DECAY = 1.6
"""Exponent of its decay with scaled distance. Assumption, range 1.4 to 2; site laws of blasting lie there."""
BURST_DB, BURST_KG = 180.0, 7.0
"""Level at 1 m and charge of a 155 mm shell. Assumption: 6.6 to 11 kg of explosive by type."""


def sound_mps(celsius: Floats | float) -> Floats:
    """Return the speed of sound in air of a temperature: 331.3 + 0.606 T.

    Source: textbook form, linear about 0 degrees Celsius; dry air.

    >>> float(sound_mps(10.0))
    337.36
    """
    return np.asarray(331.3 + 0.606 * np.asarray(celsius))


def sound_delay_s(range_m: Floats | float, celsius: Floats | float = 10.0) -> Floats:
    """Return how long sound takes. The arguments are broadcast.

    >>> sound_delay_s(np.array([5e3, 10e3, 15e3])).round(2).tolist()
    [14.82, 29.64, 44.46]
    """
    return np.asarray(range_m / sound_mps(celsius))


def carries_m(source_db: Floats | float, level_db: Floats | float, loss_db_per_m: float = AIR_LOSS_DB_PER_M) -> Floats:
    """Return how far off a sound has faded to a level, by spherical spreading and loss to the air.

    Solved for the logarithm of the distance: there the fall is convex, so Newton's method, begun where spreading alone would end, comes
    down to the root and cannot overshoot.

    Args:
        source_db: Level at 1 m, `nan` for silence.
        level_db: Level at the ear or the post. The two are broadcast.
        loss_db_per_m: Absorption by the air.

    Returns:
        Distance, 0 for what is silent or too faint at 1 m.

    Source: ISO 9613-2 (spreading), ISO 9613-1 (absorption).

    >>> carries_m(np.array([180.0, 90.0, np.nan]), 100.0).round(-2).tolist()
    [7200.0, 0.0, 0.0]
    """
    excess_db = np.nan_to_num(np.asarray(source_db, dtype=np.float64), nan=-np.inf) - level_db
    heard = excess_db > 0.0
    slope = 20.0 / np.log(10.0)
    goal_db = np.where(heard, excess_db, 0.0)
    log_m = goal_db / slope
    for _ in range(12):
        air_db = loss_db_per_m * np.exp(log_m)
        log_m = log_m - (slope * log_m + air_db - goal_db) / (slope + air_db)
    return np.where(heard, np.exp(log_m), 0.0)


def half_heard_m(source_db: Floats | float, weather: Floats | float = 1.0, noted_db: float = NOTED_DB) -> Floats:
    """Return the distance at which a post notes half of the shots.

    Args:
        source_db: Level at 1 m, `nan` for silence.
        weather: Factor of the weather, one of `WEATHERS`. The two are broadcast.
        noted_db: Level at the post at which half are noted.

    Assumption: the fit, see `NOTED_DB`; bends of the sound by wind and temperature are the factor alone.

    >>> half_heard_m(np.array(list(SHOT_DB.values()))).round(-2).tolist()
    [1500.0, 6000.0, 14000.0, 18000.0]
    """
    return np.asarray(carries_m(source_db, noted_db) * weather)


def p_heard(range_m: Floats | float, half_m: Floats | float) -> Floats:
    """Return the chance that a post notes a shot by its distance; `half_m` is where half are noted.

    Assumption: the logistic form and its width, see `EDGE`.
    """
    return p_by_range(range_m, half_m, EDGE)


def p_at_least(p_post: Floats, needed: int) -> Floats:
    """Return the chance that at least a number of posts hear, each by its own chance and independently.

    Args:
        p_post: Chance of each post. Shape (N, posts).
        needed: How many must hear, 1 or more.

    Returns:
        Chance, shape (N,).

    Source: Poisson binomial law, by convolution post after post.

    >>> p_at_least(np.array([[0.5, 0.5, 0.5], [1.0, 0.5, 0.0]]), 2).tolist()
    [0.5, 0.5]
    """
    fewer = np.zeros((len(p_post), needed))
    fewer[:, 0] = 1.0
    for p in np.asarray(p_post, dtype=np.float64).T[:, :, None]:
        fewer[:, 1:] = fewer[:, 1:] * (1.0 - p) + fewer[:, :-1] * p
        fewer[:, :1] *= 1.0 - p
    return np.asarray(np.maximum(1.0 - fewer.sum(axis=1), 0.0))


def bearing_error_rad(
    baseline_m: Floats | float, time_error_s: Floats | float, off_broadside_deg: Floats | float = 0.0, celsius: Floats | float = 10.0
) -> Floats:
    """Return the standard error of the bearing from a pair of microphones: c s / (b cos(theta)). The arguments are broadcast.

    Args:
        baseline_m: Distance of the two.
        time_error_s: Standard error of the difference of their times.
        off_broadside_deg: Angle of the source from the normal to the baseline, below 90.
        celsius: Temperature of the air.

    Derived: sin(theta) = c t / b, to first order.

    >>> np.degrees(bearing_error_rad(1000.0, 0.01)).round(4).tolist()
    0.1933
    """
    return np.asarray(sound_mps(celsius) * time_error_s / (np.asarray(baseline_m) * np.cos(np.radians(off_broadside_deg))))


def cross_range_error_m(range_m: Floats | float, bearing_rad: Floats | float) -> Floats:
    """Return the error of position across the sight that an error of the bearing makes: R times it."""
    return np.asarray(np.asarray(range_m) * bearing_rad)


def wind_bias_m(range_m: Floats | float, across_mps: Floats | float, celsius: Floats | float = 10.0) -> Floats:
    """Return how far wind across the sight carries sound aside, if nobody corrects for it: R w / c. The arguments are broadcast.

    >>> wind_bias_m(10e3, 5.0).round(1).tolist()
    148.2
    """
    return np.asarray(np.asarray(range_m) * across_mps / sound_mps(celsius))


def position_spread_m(
    source_m: Floats, posts_m: Floats, heard: Bools, time_error_s: float = 0.01, celsius: float = 10.0, floor: float = RANGE_FLOOR
) -> Floats:
    """Return how the place of a shot scatters that posts compute from its times of arrival.

    The time of the shot is not known: only differences of arrival count, and what each post adds is how its direction of sight differs from
    their mean. To this least possible scatter comes a share of the range, alike in all directions.

    Args:
        source_m: Where the shots are. Shape (N, 2).
        posts_m: Where the posts stand. Shape (P, 2).
        heard: Which posts hear which shot. Shape (N, P).
        time_error_s: Standard error of one time of arrival. Assumption: 10 ms.
        celsius: Temperature of the air.
        floor: Error as a share of the mean distance to the posts that hear.

    Returns:
        Lower triangles that map two standard normals to the errors in x and y. Shape (N, 2, 2). Infinite on the diagonal where the posts
        fix no place: fewer than three, or all in one line with the shot.

    Source: Cramer-Rao bound of time differences (Torrieri 1984, IEEE Trans. Aerospace Electronic Systems 20, 183).
    Assumption: the floor, see `RANGE_FLOOR`.
    """
    towards_m = posts_m[None, :, :] - source_m[:, None, :]
    range_m = np.hypot(towards_m[..., 0], towards_m[..., 1])
    number = np.maximum(heard.sum(axis=1), 1)
    sight = towards_m / np.maximum(range_m, 1.0)[..., None]
    mean = np.einsum("npi,np->ni", sight, heard) / number[:, None]
    differs = (sight - mean[:, None, :]) * heard[..., None]
    a, b, d = (np.einsum("np,np->n", differs[..., i], differs[..., j]) for i, j in ((0, 0), (0, 1), (1, 1)))
    determinant = a * d - b * b
    placed = determinant > 1e-9 * (a + d) ** 2
    unit_m2 = (float(sound_mps(celsius)) * time_error_s) ** 2 / np.where(placed, determinant, 1.0)
    blur_m2 = (floor * (range_m * heard).sum(axis=1) / number) ** 2
    xx, xy, yy = d * unit_m2 + blur_m2, -b * unit_m2, a * unit_m2 + blur_m2
    spread = np.zeros((len(source_m), 2, 2))
    root = np.sqrt(np.where(placed, xx, 1.0))
    spread[:, 0, 0] = np.where(placed, root, np.inf)
    spread[:, 1, 0] = np.where(placed, xy / root, 0.0)
    spread[:, 1, 1] = np.where(placed, np.sqrt(np.maximum(np.where(placed, yy, 1.0) - (xy / root) ** 2, 0.0)), np.inf)
    return spread


def blast_kg(source_db: Floats | float) -> Floats:
    """Return the charge whose blast has a level at 1 m: ten times the charge sounds 6.7 dB louder.

    For shots and bursts; engines shake the ground in other ways.

    Args:
        source_db: Level at 1 m as sensors use it, any shape; `nan` for silence.

    Returns:
        Equivalent charge, 0 for silence.

    Source: cube-root law (Hopkinson 1915, Cranz 1926): pressure far off goes with the cube root of the charge. Assumption: see `BURST_DB`.

    >>> blast_kg(np.array([180.0, np.nan])).tolist()
    [7.0, 0.0]
    """
    return np.nan_to_num(BURST_KG * 10.0 ** (3.0 * (np.asarray(source_db) - BURST_DB) / 20.0))


def ground_velocity_mps(charge_kg: Floats | float, range_m: Floats | float) -> Floats:
    """Return the peak velocity of the ground some way off a blast: K (R / W^(1/3))^-n. The arguments are broadcast.

    Source: form of Ambraseys and Hendron, in Stagg and Zienkiewicz, Rock Mechanics in Engineering Practice, 1968.
    Assumption: K and n, see `GROUND_MPS` and `GROUND_DECAY`.

    >>> ground_velocity_mps(1.0, 1000.0).round(7).tolist()
    1.58e-05
    """
    return np.asarray(GROUND_MPS * (np.cbrt(charge_kg) / np.asarray(range_m)) ** GROUND_DECAY)


def shakes_m(charge_kg: Floats | float, velocity_mps: Floats | float = 1e-6) -> Floats:
    """Return how far off a blast moves the ground with some peak velocity; in proportion to the cube root of the charge.

    Args:
        charge_kg: Charge of the blast.
        velocity_mps: That stands out from the ground's unrest. Assumption: 1 um/s in open country, range 0.1 to 10. Broadcast.

    Source: as `ground_velocity_mps`, solved for the distance.

    >>> shakes_m(np.array([1.0, 8.0])).round().tolist()
    [5623.0, 11247.0]
    """
    return np.asarray(np.cbrt(charge_kg) * (GROUND_MPS / np.asarray(velocity_mps)) ** (1.0 / GROUND_DECAY))
