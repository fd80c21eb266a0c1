"""Throws by name: known values, two forms that agree bit for bit, and independence of all else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.dice import GOLDEN, MASK, Dice, mixed, mixed_all, number_of

NUMBERS = st.integers(0, 2**64 - 1)
DIE = Dice(20260106, 3)("detect", "masts")


def test_splitmix64_gives_its_published_outputs() -> None:
    """The first outputs for seed 1234567, as in Rosetta Code's task on the splitmix64 generator."""
    outputs = [mixed((1234567 + n * GOLDEN) & MASK) for n in range(1, 6)]
    assert outputs == [
        6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821,
    ]  # fmt: skip


@given(NUMBERS)
def test_one_number_and_many_are_mixed_alike(number: int) -> None:
    assert mixed_all(np.array([number], dtype=np.uint64)).tolist() == [mixed(number)]


@given(NUMBERS, NUMBERS)
def test_ints_and_arrays_throw_the_same(one: int, two: int) -> None:
    many = np.array([one], dtype=np.uint64)
    assert np.asarray(DIE.uniform(many, two)).tolist() == [DIE.uniform(one, two)]
    assert DIE.uniform(many, np.array([two], dtype=np.uint64)).tolist() == [DIE.uniform(one, two)]
    assert np.asarray(DIE.exponential(many, two)).tolist() == pytest.approx([DIE.exponential(one, two)], rel=1e-15)


@given(NUMBERS)
def test_throws_lie_inside_the_open_interval(number: int) -> None:
    assert 0.0 < DIE.uniform(number) < 1.0
    assert 0.0 < DIE.exponential(number) < 40.0


def test_a_row_of_throws_is_uniform() -> None:
    """Chi-square over 100 bins of 100,000 throws: 99 on the mean, 149 once in a thousand."""
    u = np.asarray(DIE.uniform(np.arange(100_000)))
    expected = 1000.0
    counts = np.histogram(u, 100, (0.0, 1.0))[0]
    assert ((counts - expected) ** 2 / expected).sum() < 149.0
    assert abs(np.corrcoef(u[1:], u[:-1])[0, 1]) < 0.015


def test_laws_have_their_means_and_spreads() -> None:
    numbers = np.arange(100_000)
    exponential, normal = np.asarray(DIE.exponential(numbers)), DIE.normal(numbers)
    assert exponential.mean() == pytest.approx(1.0, abs=0.015)
    assert (normal.mean(), normal.std()) == pytest.approx((0.0, 1.0), abs=0.015)
    for mean in (0.3, 4.0, 250.0):
        count = DIE.poisson(mean, numbers)
        assert (count == np.floor(count)).all()
        assert count.mean() == pytest.approx(mean, rel=0.02)
        assert count.var() == pytest.approx(mean, rel=0.03)


def test_poisson_counts_are_those_of_the_distribution_function() -> None:
    from scipy.stats import poisson

    numbers = np.arange(2000)
    for mean in (0.0, 0.01, 1.0, 30.0, 3000.0):
        assert DIE.poisson(mean, numbers).tolist() == poisson.ppf(DIE.uniform(numbers), mean).tolist()


@given(st.floats(0.001, 100.0), st.floats(1.0, 3.0), st.integers(0, 1000))
def test_a_larger_mean_never_gives_a_smaller_count(mean: float, times: float, number: int) -> None:
    assert DIE.poisson(mean * times, number) >= DIE.poisson(mean, number)


def test_a_throw_does_not_depend_on_what_else_is_thrown() -> None:
    whole = np.asarray(DIE.uniform(np.arange(1000)))
    assert np.asarray(DIE.uniform(np.array([7, 999, 3]))).tolist() == whole[[7, 999, 3]].tolist()
    assert DIE.uniform(500) == whole[500]


def test_other_names_other_throws() -> None:
    dies = [Dice(1, 0)("a"), Dice(1, 0)("b"), Dice(1, 1)("a"), Dice(2, 0)("a"), Dice(1, 0)("a", "b"), Dice(1, 0)("ab"), Dice(1, 0)("a", 1)]
    assert len({die.uniform(0) for die in dies}) == len(dies)
    assert Dice(1, 0)("a").uniform(0) == Dice(1, 0)("a").uniform(0)
    assert DIE.uniform(1, 2) != DIE.uniform(2, 1)
    assert DIE.uniform(0) != DIE.uniform(0, 0)


def test_two_dice_of_one_replication_are_not_correlated() -> None:
    one, two = (np.asarray(Dice(1, 0)("detect", name).uniform(np.arange(20_000))) for name in ("masts", "drones"))
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.03


def test_names_are_numbered_as_they_always_were() -> None:
    """The first eight bytes of BLAKE2b: results can be had again for as long as these stay."""
    assert number_of("tower") == 0x7D674406F06AB809
    assert number_of(1, 0, "detect", "tower") == 0xD0028203F075E886
    assert number_of("a", "b") != number_of("ab")
    assert number_of("1") == number_of(1)
