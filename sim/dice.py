"""Throws by name: a throw is a function of (seed, replication, purpose, names), never of program order."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from math import log
from typing import TypeAlias, overload

import numpy as np

from sim.kinds import Floats, Ints, Keys

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
MIX_1 = 0xBF58476D1CE4E5B9
MIX_2 = 0x94D049BB133111EB
TWO_53 = 2.0**53

Number: TypeAlias = "int | Keys | Ints"


@lru_cache(maxsize=4096)
def number_of(*words: str | int) -> int:
    """Return the 64-bit number of a name; other words, another number.

    >>> number_of("tower") == number_of("tower"), number_of("tower") == number_of("towers")
    (True, False)
    """
    text = "\x1f".join(map(str, words))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def mixed(bits: int) -> int:
    """Return SplitMix64's output function of one 64-bit number.

    Source: G. L. Steele, D. Lea, C. H. Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.

    >>> hex(mixed(GOLDEN))  # the first output of SplitMix64 with seed 0
    '0xe220a8397b1dcdaf'
    """
    bits = ((bits ^ (bits >> 30)) * MIX_1) & MASK
    bits = ((bits ^ (bits >> 27)) * MIX_2) & MASK
    return bits ^ (bits >> 31)


def mixed_all(bits: Keys) -> Keys:
    """Return SplitMix64's output function of many numbers. Shape as given."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(MIX_1)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(MIX_2)
    return bits ^ (bits >> np.uint64(31))


@dataclass(frozen=True, slots=True)
class Die:
    """The throws of one purpose; each is addressed by numbers: ints give a float, arrays give an array."""

    key: int

    @overload
    def uniform(self, *numbers: int) -> float: ...
    @overload
    def uniform(self, *numbers: "Keys | Ints") -> Floats: ...
    @overload
    def uniform(self, *numbers: Number) -> Floats | float: ...
    def uniform(self, *numbers: Number) -> Floats | float:
        """Return throws that are uniform on the open interval (0, 1). Shape of the numbers, broadcast."""
        bits = self.key
        for number in numbers:
            if type(number) is not int:
                return self.uniform_all(numbers)
            bits = (bits + (number + 1) * GOLDEN) & MASK  # from here on `mixed`, without its call
            bits = ((bits ^ (bits >> 30)) * MIX_1) & MASK
            bits = ((bits ^ (bits >> 27)) * MIX_2) & MASK
            bits ^= bits >> 31
        return ((bits >> 11) + 0.5) / TWO_53

    def uniform_all(self, numbers: tuple[Number, ...]) -> Floats:
        """Return the same throws for arrays of numbers. Shape as broadcast."""
        many = self.names(*numbers)
        return np.asarray(((many >> np.uint64(11)).astype(np.float64) + 0.5) / TWO_53)

    def name(self, *numbers: int) -> int:
        """Return the 64-bit number behind one throw; the same as `names` gives."""
        bits = self.key
        for number in numbers:
            bits = mixed((bits + (number + 1) * GOLDEN) & MASK)
        return bits

    def names(self, *numbers: "Keys | Ints | int") -> Keys:
        """Return the 64-bit numbers behind the throws, to name things by. Shape of the numbers, broadcast."""
        many: Keys = np.full((), self.key, dtype=np.uint64)
        with np.errstate(over="ignore"):
            for number in numbers:
                many = mixed_all(many + (np.asarray(number).astype(np.uint64) + np.uint64(1)) * np.uint64(GOLDEN))
        return many

    @overload
    def exponential(self, *numbers: int) -> float: ...
    @overload
    def exponential(self, *numbers: "Keys | Ints") -> Floats: ...
    @overload
    def exponential(self, *numbers: Number) -> Floats | float: ...
    def exponential(self, *numbers: Number) -> Floats | float:
        """Return throws that are exponential with mean 1. Shape of the numbers, broadcast."""
        u = self.uniform(*numbers)
        return -log(u) if isinstance(u, float) else np.asarray(-np.log(u))

    def normal(self, *numbers: Number) -> Floats:
        """Return standard normal throws, by inversion. Shape of the numbers, broadcast."""
        from scipy.special import ndtri

        return np.asarray(ndtri(self.uniform(*numbers)))

    def poisson(self, mean: Floats | float, *numbers: Number) -> Floats:
        """Return Poisson throws, by inversion, so that a larger mean never gives a smaller count. Shape as broadcast.

        The count is the smallest whose distribution function reaches the uniform throw; `scipy.stats` says the same, but takes a second
        to import.
        """
        from scipy.special import pdtr, pdtrik

        u = self.uniform(*numbers)
        count = np.ceil(pdtrik(u, mean))
        below = np.maximum(count - 1.0, 0.0)
        return np.where(pdtr(below, mean) >= u, below, count)


@dataclass(frozen=True, slots=True)
class Dice:
    """All throws of one replication."""

    seed: int
    replication: int

    def __call__(self, purpose: str, *names: str | int) -> Die:
        """Return the die of a purpose and the names that it belongs to; never of a mix."""
        return Die(number_of(self.seed, self.replication, purpose, *names))
