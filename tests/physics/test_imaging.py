"""Imaging formulas against published figures."""

import numpy as np
import pytest

from sim.physics.imaging import (
    FIELDWORKS_SEEN,
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
    sar_p_detect,
    target_to_clutter_db,
)


def test_giqe_5_gives_about_five_at_its_published_point() -> None:
    # NGA, GIQE 5 (2015): 20.8 in, edge response 0.35, signal to noise 50.
    assert giqe5(20.8 * 0.0254, 0.35, 50.0) == pytest.approx(5.01517, abs=1e-4)


def test_one_niirs_is_lost_when_the_sample_distance_doubles() -> None:
    assert giqe5(np.array([0.3, 0.5, 1.0, 3.7, 10.0]), 0.40, 30.0) == pytest.approx([5.8188, 5.0822, 4.0828, 2.1964, 0.7628], abs=1e-3)
    assert giqe5(0.5, 0.40, 30.0) - giqe5(1.0, 0.40, 30.0) == pytest.approx(0.99942, abs=1e-5)


def test_a_look_off_nadir_costs_niirs_by_distance_and_by_slant() -> None:
    look = off_nadir_geometry(620e3, np.array([0.0, 30.0, 45.0]))
    niirs = giqe5(0.3 * look.slant_m / 620e3, 0.40, 30.0, 90.0 - look.incidence_deg)
    assert niirs == pytest.approx([5.8188, 5.5228, 5.0769], abs=0.01)


def test_half_of_the_analysts_succeed_at_the_niirs_required() -> None:
    chances = p_task(4.5 + np.array([-1.0, -0.5, 0.0, 0.5, 1.0]), 4.5)
    assert chances == pytest.approx([0.0227501, 0.1586553, 0.5, 0.8413447, 0.9772499], abs=1e-6)


def test_the_swath_of_pleiades_neo_grows_as_published() -> None:
    # 14 km at the nadir, 19.68 km at 30 deg: International Charter documentation on Pleiades Neo.
    look = off_nadir_geometry(620e3, 30.0)
    assert look.incidence_deg == pytest.approx(33.27499, abs=1e-5)
    assert look.slant_m == pytest.approx(727_928.797, abs=0.1)
    assert look.reach_m == pytest.approx(364_162.66, abs=0.1)
    assert 14.0 * look.slant_m / 620e3 / np.cos(np.radians(look.incidence_deg)) == pytest.approx(19.68, rel=0.02)


def test_there_is_nothing_past_the_horizon() -> None:
    assert np.isnan(off_nadir_geometry(620e3, 70.0)).all()


@pytest.mark.parametrize(
    ("inclination_deg", "altitude_m", "at_30", "at_45"),
    [(42.0, 430e3, 44.26, 46.01), (45.0, 520e3, 47.74, 49.89), (45.0, 575e3, 48.03, 50.44), (53.0, 575e3, 56.03, 58.44)],
)
def test_an_inclined_orbit_images_up_to_its_inclination_and_reach(
    inclination_deg: float, altitude_m: float, at_30: float, at_45: float
) -> None:
    assert inclination_deg + reach_deg(altitude_m, np.array([30.0, 45.0])) == pytest.approx([at_30, at_45], abs=0.01)


def test_a_vehicle_drowns_in_the_cell_of_a_wide_radar_image() -> None:
    cells_m2 = np.array([0.25, 1.0, 9.0, 100.0])
    assert target_to_clutter_db(10.0, -10.0, cells_m2) == pytest.approx([26.02, 20.0, 10.46, 0.0], abs=0.01)
    assert sar_p_detect(np.sqrt(cells_m2)) == pytest.approx([0.85, 0.7, 0.3, 0.0])
    assert sar_p_detect(np.sqrt(3.0)) == pytest.approx(0.5)
    assert sar_p_detect(np.array([0.5, 3.0, 10.0, 20.0]), FIELDWORKS_SEEN) == pytest.approx([0.8, 0.6, 0.3, 0.3])


def test_low_looks_meet_the_sides_of_clouds() -> None:
    elevations = np.array([90.0, 60.0, 45.0, 30.0, 20.0])
    assert cloud_free(0.5, elevations) == pytest.approx([0.5, 0.4434, 0.4061, 0.3488, 0.2824], abs=1e-3)
    assert cloud_free(np.array([0.0, 1.0]), 45.0).tolist() == [1.0, 0.0]


def test_img_04_the_older_equation_gives_about_five_at_half_a_metre() -> None:
    assert giqe4(0.5, 0.9, 30.0) == pytest.approx(4.950065, abs=1e-6)


def test_the_older_equation_counts_a_blunt_edge_by_other_coefficients() -> None:
    # 10.251 - 3.16 log10(40) + 2.817 log10(0.8) - 0.656 x 1 - 0.344 x 1 / 100 at 40 inches.
    assert giqe4(40 * 0.0254, 0.8, 100.0, overshoot=1.0, gain=1.0) == pytest.approx(4.256055, abs=1e-6)


RATIOS = np.array([0.5, 1.0, 1.5, 2.0, 3.0])


def test_img_06_observers_succeed_by_multiples_of_the_half_point() -> None:
    assert p_johnson(RATIOS) == pytest.approx([0.10773, 0.5, 0.82061, 0.9449, 0.9949], abs=1e-4)
    assert p_ttp(RATIOS) == pytest.approx([0.24419, 0.5, 0.68097, 0.79889, 0.92055], abs=1e-4)
    assert p_ttp(RATIOS, 1.5) == pytest.approx([0.2612, 0.5, 0.64753, 0.7388, 0.83861], abs=1e-4)


def test_nothing_in_the_picture_is_never_seen_and_a_close_up_always() -> None:
    assert p_johnson(np.array([0.0, 1e3])).tolist() == [0.0, 1.0]
    assert p_ttp(np.array([0.0, 1e6])) == pytest.approx([0.0, 1.0])


def test_img_07_the_nato_target_is_detected_at_38_and_identified_at_6_km() -> None:
    reach_m = johnson_range_m(2.3, np.array([1.0, 3.0, 6.0]), 0.5, 15e-6)
    assert reach_m == pytest.approx([38_333.333, 12_777.778, 6_388.889], rel=1e-6)


def test_img_08_a_low_look_stretches_the_sample_on_the_ground() -> None:
    gsd_m = gsd_across_m(15e-6, 0.6, 10e3)
    assert gsd_m == pytest.approx(0.25, rel=1e-9)
    assert gsd_along_m(gsd_m, 20.0) == pytest.approx(0.7309511, rel=1e-6)


def test_johnson_range_is_where_two_samples_make_a_cycle() -> None:
    gsd_m = gsd_across_m(15e-6, 0.5, johnson_range_m(2.3, 3.0, 0.5, 15e-6))
    assert 2.3 / (2.0 * gsd_m) == pytest.approx(3.0)


def test_img_09_an_observer_takes_time_to_find_what_is_in_the_picture() -> None:
    assert p_found_in_view(0.8, np.array([3.0, 10.0, 30.0])) == pytest.approx([0.40506, 0.72393, 0.79931], abs=1e-4)
    assert p_found_in_view(0.0, 1e9) == 0.0
    assert p_found_in_view(0.8, 30.0, clutter=3.0) == pytest.approx(p_found_in_view(0.8, 10.0))


def test_atm_01_half_the_visibility_leaves_the_root_of_the_threshold() -> None:
    assert contrast_left(5e3, 10e3) == pytest.approx(np.exp(-0.3912 * 5), abs=1e-4)
    assert contrast_left(5e3, 10e3, 0.05) == pytest.approx(0.2236068, abs=1e-6)
    assert contrast_left(np.array([0.0, 10e3]), 10e3).tolist() == [1.0, 0.02]
