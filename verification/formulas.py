"""Textbook cases by the functions of the simulator: one function a case, from the case's inputs to the figures that it expects."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sim.kinds import Floats
from sim.law import DefiniteRange, Video, scans_to_track
from sim.physics.acoustics import bearing_error_rad, cross_range_error_m, p_at_least, sound_delay_s, sound_mps, wind_bias_m
from sim.physics.imaging import (
    cloud_free,
    contrast_left,
    giqe4,
    giqe5,
    gsd_across_m,
    gsd_along_m,
    johnson_range_m,
    off_nadir_geometry,
    p_found_in_view,
    p_johnson,
    p_task,
    p_ttp,
    reach_deg,
    target_to_clutter_db,
)
from sim.physics.radar import false_alarms_per_km2, horizon_m, p_heading, scaled_range_m
from sim.physics.search import (
    barrier_share,
    coverage,
    inverse_cube_sweep_m,
    mean_wait_s,
    operator_sweep_m,
    p_back_and_forth,
    p_exhaustive,
    p_glimpses,
    p_inverse_cube,
    p_parallel,
    p_random,
    random_search_s,
    sweep_width_m,
)
from sim.physics.sun import day_length_h, elevation_deg, equatorial_deg, hour_angle_deg
from sim.sensors.beats import tails
from sim.units import DAY, HOUR, KM

Given = Mapping[str, Any]
Figures = dict[str, Any]

KMH = KM / HOUR
KNOT = 1852.0 / HOUR


def solved(figure: Callable[[float], float], goal: float, low: float, high: float) -> float:
    """Return where a function of the simulator takes a value."""
    from scipy.optimize import brentq

    return float(brentq(lambda x: figure(x) - goal, low, high, xtol=1e-13, rtol=1e-14))


# Search


def random_search(given: Given) -> Figures:
    swept = coverage(given["W_km"], given["v_kmh"], given["t_h"], given["A_km2"])
    return {"coverage": swept, "P": p_random(swept)}


def time_of_random_search(given: Given) -> Figures:
    def found(hours: float) -> float:
        return float(p_random(coverage(given["W_km"], given["v_kmh"], hours, given["A_km2"])))

    return {"mean_h": random_search_s(given["W_km"], given["v_kmh"], given["A_km2"]), "median_h": solved(found, 0.5, 0.1, 50.0)}


def inverse_cube(given: Given) -> Figures:
    """Integrate the curve, and compare with the closed form at the same time: the worse of the two is told."""
    lateral = np.concatenate([-np.geomspace(1e5, 1e-4, 40_000), np.geomspace(1e-4, 1e5, 40_000)])
    widths = sweep_width_m(lateral, p_inverse_cube(lateral, given["kh_over_v_km2"])), inverse_cube_sweep_m(given["kh_over_v_km2"])
    return {"W_km": max(map(float, widths), key=lambda width: abs(width - 5.0132565))}


def glimpses(given: Given) -> Figures:
    return {"P": p_glimpses(given["g"], given["n"]), "mean_glimpses": scans_to_track(np.array([given["g"]]), 1, 1)[0]}


def simple_curves(given: Given) -> Figures:
    r_km, lateral = given["R_km"], np.linspace(-8.0, 8.0, 160_001)
    return {
        "cookie": DefiniteRange(law="definite_range", range_m=r_km * KM).sweep_m(0.0, 1.0) / KM,
        "triangular": sweep_width_m(np.array([-r_km, 0.0, r_km]), np.array([0.0, 1.0, 0.0])),
        "gaussian": sweep_width_m(lateral, given["p0"] * np.exp(-(lateral**2) / (2.0 * given["s_km"] ** 2))),
    }


def barrier(given: Given) -> Figures:
    words = given["W_km"], given["L_km"], given["v_searcher_kmh"], given["u_target_kmh"]
    share = barrier_share(*words)
    return {"bound": p_exhaustive(share), "random": p_random(share), "back_and_forth": p_back_and_forth(*words)}


def line(given: Given) -> Figures:
    """Take the gaps between overflights at the places of a Gauss rule, which is exact for what grows with their square."""
    node, weight = np.polynomial.legendre.leggauss(5)
    found: Figures = {"out_and_back_h": [], "one_way_h": [], "racetrack_h": []}
    for sectors in given["K"]:
        way_h = given["L_km"] / sectors / given["v_kmh"]
        out_h = 2.0 * way_h * (node + 1.0) / 2.0
        found["out_and_back_h"].append(float((weight / 2.0) @ mean_wait_s(np.stack([out_h, 2.0 * way_h - out_h], axis=1))))
        found["one_way_h"].append(float(mean_wait_s(np.array([way_h]))))
        found["racetrack_h"].append(float(mean_wait_s(np.array([2.0 * way_h]))))
    return found


def looks_that_miss(given: Given) -> Figures:
    period_h, p = given["T_h"], given["p"]
    looks = float(scans_to_track(np.array([p]), 1, 1)[0])
    wait_h = float(mean_wait_s(np.array([period_h])))
    return {"mean_h": wait_h + (looks - 1.0) * period_h, "P_within_24h": p_glimpses(p, 24.0 / period_h)}


def even_and_random(given: Given) -> Figures:
    """Looks at random come as random search finds: without memory."""
    gap_h = 24.0 / given["lambda_per_day"]
    return {
        "mean_wait_even_h": mean_wait_s(np.array([gap_h])),
        "mean_wait_poisson_h": random_search_s(1.0, 1.0 / gap_h, 1.0),
        "P_gap_gt_3h_poisson": 1.0 - p_random(3.0 / gap_h),
    }


# Images


def off_nadir_ladder(given: Given) -> Figures:
    view = off_nadir_geometry(given["h_km"] * KM, np.array(given["off_nadir_deg"]))
    gsd_m = given["GSD_nadir_m"] * view.slant_m / (given["h_km"] * KM)
    return {"NIIRS": giqe5(gsd_m, given["RER"], given["SNR"], 90.0 - view.incidence_deg)}


def gsd_ladder(given: Given) -> Figures:
    rest = given["RER"], given["SNR"], given["elev_deg"]
    return {"NIIRS": giqe5(np.array(given["GSD_m"]), *rest), "loss_per_doubling": giqe5(1.0, *rest) - giqe5(2.0, *rest)}


def contrast(given: Given) -> Figures:
    """The extinction is that of contrast left at 1 km."""
    found = {}
    for name, threshold in (("2pct", 0.02), ("5pct", 0.05)):
        found[f"sigma_{name}"] = -np.log(contrast_left(1.0, given["V_km"], threshold))
        found[f"C_ratio_{name}"] = contrast_left(given["R_km"], given["V_km"], threshold)
    return found


def operator(given: Given) -> Figures:
    looked_over = Video(range_m=10.0 * KM).search_m2ps
    width_m = operator_sweep_m(1e9, given["p"], given["footprint_km2"] * 1e6, given["t_dwell_s"], given["v_kmh"] * KMH)
    return {"area_rate_km2_h": looked_over * HOUR / 1e6, "W_eff_km": width_m / KM}


def pleiades_neo(given: Given) -> Figures:
    height_m = given["h_km"] * KM
    half_deg = float(np.degrees(np.arctan(given["swath_nadir_km"] * KM / 2.0 / height_m)))
    view = off_nadir_geometry(height_m, given["eta_deg"])
    near, far = off_nadir_geometry(height_m, given["eta_deg"] + np.array([-half_deg, half_deg])).reach_m
    return {
        "inc_deg": view.incidence_deg, "lambda_deg": reach_deg(height_m, given["eta_deg"]), "ground_reach_km": view.reach_m / KM,
        "slant_km": view.slant_m / KM, "swath_km": (far - near) / KM,
    }  # fmt: skip


def highest_latitudes(given: Given) -> Figures:
    angles = np.array(given["eta_deg"])
    return {name: inclination + reach_deg(height_km * KM, angles) for name, (inclination, height_km) in given["orbits"].items()}


# Radar, sound, sun


def cross_sections(given: Given) -> Figures:
    factor_db = solved(lambda db: float(scaled_range_m(1.0, 10.0 ** (db / 10.0))), 4.0, 0.0, 60.0)
    return {"R2_km": scaled_range_m(given["R1_km"], np.array(given["sigma2_m2"]), given["sigma1_m2"]), "ratio_4_needs_dB": factor_db}


def clutter(given: Given) -> Figures:
    return {"SCR_dB": target_to_clutter_db(given["RCS_dBsm"], given["sigma0_dB"], np.prod(given["cell_m"], axis=1))}


def pair_of_microphones(given: Given) -> Figures:
    bearing = bearing_error_rad(given["baseline_m"], given["sigma_t_s"], given["theta0_deg"])
    range_m = given["R_km"] * KM
    return {
        "sigma_theta_deg": np.degrees(bearing),
        "cross_range_m": cross_range_error_m(range_m, bearing),
        "uncorrected_wind_bias_m": wind_bias_m(range_m, given["w_cross_ms"]),
    }


def days(given: Given) -> Figures:
    """Noons from the solstice of 2025 to that of June 2026, by the declination of the sun then."""
    noon_s = 1_766_275_200.0 + np.arange(183, dtype=np.float64) * DAY + DAY / 2
    for _ in range(3):
        noon_s = noon_s - hour_angle_deg(noon_s, 0.0) * 240.0
    declination, height = equatorial_deg(noon_s)[1], elevation_deg(noon_s, 0.0, given["lat"])
    return {"day_h": day_length_h(given["lat"], np.array(given["dec"])), "noon_deg": np.interp(given["dec"], declination, height)}


# Aircraft


def one_station(given: Given) -> Figures:
    hours = given["endurance_h"], given["transit_h"], given["turnaround_h"]
    return {"n": tails(*hours, 1.0), "n_with_serviceability": tails(*hours, given["serviceability"])}


def losses_by_sortie(given: Given) -> Figures:
    return {
        "mean_sorties": scans_to_track(np.array([given["q"]]), 1, 1)[0],
        "P_no_loss": 1.0 - p_glimpses(given["q"], given["N"]),
    }


def two_sensors(given: Given) -> Figures:
    both: Floats = np.array([[given["Pd1"], given["Pd2"]]])
    return {"AND": p_at_least(both, 2)[0], "OR": p_at_least(both, 1)[0]}


FORMULAS: dict[str, Callable[[Given], Figures]] = {
    "SRCH-01": random_search,
    "SRCH-02": time_of_random_search,
    "SRCH-03": lambda given: {"P": p_exhaustive(np.array(given["z"]))},
    "SRCH-04": lambda given: {"P": p_parallel(np.array(given["W_over_S"]))},
    "SRCH-05": inverse_cube,
    "SRCH-06": glimpses,
    "SRCH-07": simple_curves,
    "BARR-01": barrier,
    "LINE-01": line,
    "LAT-01": lambda given: {"mean_h": mean_wait_s(np.array([given["T_h"]]))},
    "LAT-02": looks_that_miss,
    "LAT-03": lambda given: {"P": given["p"] * p_exhaustive(given["d_h"] / given["T_h"])},
    "IMG-01": lambda given: {"NIIRS": giqe5(given["GSD_in"] * 0.0254, given["RER"], given["SNR"], given["elev_deg"])},
    "IMG-02": gsd_ladder,
    "IMG-03": off_nadir_ladder,
    "IMG-04": lambda given: {"NIIRS": giqe4(given["GSD_m"], given["RER"], given["SNR"], given["H"], given["G"])},
    "IMG-05": lambda given: {"P": p_task(5.0 + np.array(given["delta_NIIRS"]), 5.0)},
    "IMG-06": lambda given: {
        "johnson": p_johnson(np.array(given["r"])),
        "ttp": p_ttp(np.array(given["r"])),
        "ttp_E1p5": p_ttp(np.array(given["r"]), 1.5),
    },
    "IMG-07": lambda given: {
        task: johnson_range_m(given["d_m"], cycles, given["f_m"], given["pitch_m"]) / KM for task, cycles in given["N_cycles"].items()
    },
    "IMG-08": lambda given: {
        "GSD_m": (across := gsd_across_m(given["pitch_um"] * 1e-6, given["f_mm"] * 1e-3, given["slant_km"] * KM)),
        "GSD_ground_m": gsd_along_m(across, given["grazing_deg"]),
    },
    "IMG-09": lambda given: {"P": p_found_in_view(given["Pinf"], np.array(given["t_s"], dtype=np.float64))},
    "IMG-10": operator,
    "ATM-01": contrast,
    "RAD-01": lambda given: {"d_km": horizon_m(np.array(given["antenna_m"], dtype=np.float64), given["target_m"]) / KM},
    "RAD-02": cross_sections,
    "RAD-03": lambda given: {"P": p_heading(given["MDV_kt"] * KNOT, np.array(given["speed_kmh"]) * KMH)},
    "SAR-01": clutter,
    "SAR-02": lambda given: {"FA_per_km2": false_alarms_per_km2(np.array(given["Pfa"]), float(np.prod(given["cell_m"])))},
    "ORB-02": pleiades_neo,
    "ORB-03": highest_latitudes,
    "ORB-08": even_and_random,
    "SUN-01": days,
    "ACO-01": lambda given: {"c": sound_mps(given["T_C"]), "t_s": sound_delay_s(np.array(given["R_km"]) * KM, given["T_C"])},
    "ACO-02": pair_of_microphones,
    "FLT-01": one_station,
    "FLT-03": losses_by_sortie,
    "FA-02": two_sensors,
    "CFL-01": lambda given: {"P": cloud_free(given["N"], np.array(given["elev_deg"]), given["b"])},
}
"""By case; the others are played or propagated."""
