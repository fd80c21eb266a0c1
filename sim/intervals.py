"""Intervals over replications: the replication is the unit of inference, and no interval here pools what happened inside of one.

Violations of one replication share weather, jamming and outages, so they are not independent: pooled 95 % intervals cover about half of
the time, at any number of replications. Here a replication gives one total, and totals are independent.

Source: W. G. Cochran, Sampling Techniques, 3rd ed. (1977), chapters 6 and 10 (ratio estimator, clusters); R. S. Woodruff, JASA 47 (1952)
635-646 (quantiles); E. L. Kaplan and P. Meier, JASA 53 (1958) 457-481; B. Efron, The Jackknife (1982).
"""

from typing import NamedTuple, TypeAlias

import numpy as np

from sim.kinds import Bools, Floats, Ints

LEVEL = 0.95
NONE = float("nan")
FEWEST = 5
"""Events below which a quantile gets no interval: five draws hold their median in 94 % of cases, and no higher quantile. Assumption."""


class Interval(NamedTuple):
    """A number with its interval over replications; `nan` where there is none."""

    estimate: float
    low: float
    high: float
    method: str


class Ratio(NamedTuple):
    """A numerator and a denominator of each replication. Shape (R,)."""

    numerator: Floats
    denominator: Floats

    def linearised(self) -> Floats:
        """Return one value a replication whose mean is the ratio of sums and whose spread is that of its estimator. Shape (R,).

        Replications with nothing in either are `nan`: they tell nothing.
        """
        told = (self.denominator > 0.0) | (self.numerator > 0.0)
        values = np.full(len(self.denominator), NONE)
        if self.denominator.any():
            top, bottom = self.numerator[told], self.denominator[told]
            whole = top.sum() / bottom.sum()
            values[told] = whole + (top - whole * bottom) / bottom.mean()
        return values


class Paired(NamedTuple):
    """The difference of two mixes over the same replications."""

    difference: float
    low: float
    high: float
    correlation: float
    """Near 1 where both mixes meet the same luck; near 0 it says that their dice have come apart."""
    variance_ratio: float
    """How many times more replications independent runs would need for the same interval."""
    method: str


class Band(NamedTuple):
    """A curve with its pointwise interval over replications. Shape (G,)."""

    estimate: Floats
    low: Floats
    high: Floats


Values: TypeAlias = Floats | Ratio


def student(count: int, level: float = LEVEL) -> float:
    """Return the two-sided t quantile for a number of replications."""
    from scipy.special import stdtrit

    return float(stdtrit(count - 1, 0.5 + level / 2))


def mean(values: Floats, level: float = LEVEL) -> Interval:
    """Return the mean over replications with its t interval.

    Args:
        values: One value a replication; those without one (`nan`) are left out. Shape (R,).
        level: Confidence.
    """
    told = values[~np.isnan(values)]
    count = len(told)
    if count == 0:
        return Interval(NONE, NONE, NONE, "no replication has a value")
    whole = float(told.mean())
    if count == 1:
        return Interval(whole, NONE, NONE, "one replication, no interval")
    if not np.isfinite(whole):
        return Interval(whole, NONE, NONE, "infinite in some replication, no interval")
    half = student(count, level) * float(told.std(ddof=1)) / count**0.5
    return Interval(whole, whole - half, whole + half, f"mean over {count} replications, t")


def bounded_mean(values: Floats, most: float = np.inf, level: float = LEVEL) -> Interval:
    """Return the mean over replications with an interval that stays between 0 and the most that there can be.

    The interval is made by the delta method: with t on the logarithmic scale, or on the logit scale of a share where there is a most. At
    0 and at the most, where those scales end, it is the plain one, cut.

    Args:
        values: One value a replication, `nan` for none; pseudo-values may lie beyond the bounds. Shape (R,).
        most: Greatest value; 1 for a share.
        level: Confidence.
    """
    return bounded(mean(values, level), most)


def bounded(found: Interval, most: float = np.inf) -> Interval:
    """Return a plain t interval made anew on the scale that ends at 0 and at the most."""
    centre, half = found.estimate, found.high - found.estimate
    if np.isnan(half):
        return found
    if not 0.0 < centre < most:
        low, high = max(found.low, 0.0), min(found.high, most)
        return found._replace(low=low, high=high, method=f"{found.method}, cut" if (low, high) != found[1:3] else found.method)
    if most < np.inf:
        share = centre / most
        low, high = (most * logistic(np.log(share / (1.0 - share)) + sign * half / most / share / (1.0 - share)) for sign in (-1.0, 1.0))
        return found._replace(low=low, high=high, method=f"{found.method} on the logit scale")
    stretch = np.exp(min(half / centre, 700.0))
    return found._replace(low=centre / stretch, high=centre * stretch, method=f"{found.method} on the logarithmic scale")


def logistic(odds: float) -> float:
    """Return the share that has these logarithmic odds."""
    return float(1.0 / (1.0 + np.exp(-np.clip(odds, -700.0, 700.0))))


def ratio_mean(numerator: Floats, denominator: Floats, level: float = LEVEL) -> Interval:
    """Return a ratio of sums over replications with a t interval: a mean per violation, a cost per find.

    Args:
        numerator: Total of each replication. Shape (R,).
        denominator: What it is divided by in each replication. Shape (R,).
        level: Confidence.
    """
    found = mean(Ratio(numerator, denominator).linearised(), level)
    return found._replace(method=found.method.replace("mean over", "ratio estimator over"))


def ratio(numerator: Floats, denominator: Floats, level: float = LEVEL) -> Interval:
    """Return a share over replications with an interval that stays between 0 and 1.

    The interval is that of the ratio estimator, made on the logit scale with t of the replications that have something to tell. Where
    the count is none or all, or no replication has more than one event, it is the exact one of Clopper and Pearson with replications,
    not events, as trials.

    Args:
        numerator: Hits in each replication. Shape (R,).
        denominator: Events in each replication. Shape (R,).
        level: Confidence.
    """
    told = denominator > 0.0
    count, hits, events = int(told.sum()), float(numerator[told].sum()), float(denominator[told].sum())
    if count == 0:
        return Interval(NONE, NONE, NONE, "no events")
    share = hits / events
    if count == 1:
        return Interval(share, NONE, NONE, "one replication, no interval")
    if hits in (0.0, events) or denominator.max() <= 1.0:
        why = "none" if hits == 0.0 else "all" if hits == events else "at most one event each"
        return Interval(share, *clopper_pearson(share * count, count, level), f"{why}: Clopper-Pearson on {count} replications")
    spread = float(Ratio(numerator, denominator).linearised()[told].std(ddof=1)) / count**0.5
    low, high = logit_limits(np.array(share), np.array(spread), count, level)
    return Interval(share, float(low), float(high), f"ratio estimator over {count} replications, t on the logit scale")


def rate(numerator: Floats, denominator: Floats, level: float = LEVEL) -> Interval:
    """Return a rate of counts over replications with an interval that stays above 0.

    The interval is made on the logarithmic scale with t. Where nothing was counted, its upper end is the exact one for a Poisson count
    over all replications together.

    Args:
        numerator: Count in each replication. Shape (R,).
        denominator: Exposure of each replication, such as days. Shape (R,).
        level: Confidence.
    """
    found = ratio_mean(numerator, denominator, level)
    if np.isnan(found.low):
        return found
    if found.estimate == 0.0:
        return found._replace(low=0.0, high=-np.log((1.0 - level) / 2) / float(denominator.sum()), method="none: exact Poisson limit")
    return bounded(found)


def clopper_pearson(hits: float, trials: int, level: float = LEVEL) -> tuple[float, float]:
    """Return the exact interval of a share of independent trials.

    Source: C. J. Clopper and E. S. Pearson, Biometrika 26 (1934) 404-413.

    >>> [round(limit, 4) for limit in clopper_pearson(0, 20)]
    [0.0, 0.1684]
    """
    from scipy.special import betaincinv

    tail = (1.0 - level) / 2
    low = float(betaincinv(hits, trials - hits + 1, tail)) if hits > 0 else 0.0
    high = float(betaincinv(hits + 1, trials - hits, 1.0 - tail)) if hits < trials else 1.0
    return low, high


def logit_limits(share: Floats, spread: Floats, count: int, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return the limits of shares from their standard errors, made on the logit scale; at 0 and 1 they are the share itself."""
    inside = (share > 0.0) & (share < 1.0)
    safe = np.where(inside, share, 0.5)
    middle = np.log(safe / (1.0 - safe))
    half = student(count, level) * spread / (safe * (1.0 - safe))
    low, high = (1.0 / (1.0 + np.exp(-np.clip(middle + sign * half, -700.0, 700.0))) for sign in (-1.0, 1.0))
    return np.where(inside, low, share), np.where(inside, high, share)


def woodruff(values: Floats, replication: Ints, q: float, event: Bools | None = None, level: float = LEVEL) -> Interval:
    """Return a quantile with the interval that Woodruff's inversion gives, clustered by replication.

    The share of values below the quantile has an interval over replications; its ends are read back on the scale of values. A
    quantile is infinite where more than 1 - q never happen.

    Args:
        values: Durations, infinite for what never happens. Shape (N,).
        replication: In which replication each lies. Shape (N,).
        q: Level, 0.5 for the median.
        event: False for a duration that was cut off by the end of the run; without it none was. Shape (N,).
        level: Confidence.
    """
    if len(values) == 0:
        return Interval(NONE, NONE, NONE, "no events")
    order = np.argsort(values, kind="stable") if event is None else np.lexsort((~event, values))
    times, count = values[order], len(np.unique(replication))
    happened = np.isfinite(times) if event is None else event[order] & np.isfinite(times)
    reached = 1.0 - survival(happened)
    estimate = quantile(times, reached, q)
    if estimate == np.inf and np.isfinite(times[-1]):
        return Interval(NONE, NONE, NONE, "the run ended too early to tell")
    if count == 1:
        return Interval(estimate, NONE, NONE, "one replication, no interval")
    if len(times) < FEWEST:
        return Interval(estimate, NONE, NONE, f"too few events for an interval, under {FEWEST}")
    if reached[-1] == 0.0:
        return Interval(estimate, NONE, NONE, "nothing happened in any replication, no interval")
    spread = float(reached_values(values, replication, estimate, event).std(ddof=1)) / count**0.5
    low, high = logit_limits(np.array(q), np.array(spread), count, level)
    ends = (quantile(times, reached, float(low)), quantile(times, reached, float(high)))
    return Interval(estimate, *ends, f"Woodruff over {count} replications, t on the logit scale")


def reached_values(values: Floats, replication: Ints, limit: float, event: Bools | None = None) -> Floats:
    """Return one value a replication whose mean is the share that happened by a limit and whose spread is that of its estimator.

    Without censoring these are the linearised values of a ratio; with it, pseudo-values of the jackknife of Kaplan-Meier.

    Args:
        values: Durations, infinite for what never happens. Shape (N,).
        replication: In which replication each lies; each that is named has a value. Shape (N,).
        limit: Infinite for what happens at all.
        event: False for a duration that was cut off. Shape (N,).

    Returns:
        Shape (R,), in order of replication.
    """
    cluster = np.unique(replication, return_inverse=True)[1]
    count = int(cluster.max()) + 1
    if event is None:
        below = np.bincount(cluster[(values <= limit) & np.isfinite(values)], minlength=count)
        return Ratio(below.astype(np.float64), np.bincount(cluster).astype(np.float64)).linearised()
    order = np.lexsort((~event, values))
    last = int(np.searchsorted(values[order], min(limit, np.finfo(float).max), side="right")) - 1
    cluster, happened = cluster[order], event[order] & np.isfinite(values[order])
    whole = 1.0 - survival(happened)[last]
    without = np.array([1.0 - survival(happened, cluster != left_out)[last] for left_out in range(count)])
    return np.asarray(whole + (count - 1) * (without.mean() - without))


def quantile_values(values: Floats, replication: Ints, q: float, replications: int, event: Bools | None = None) -> Floats:
    """Return one value a replication whose mean is a quantile and whose t interval is as wide as that of `woodruff`.

    They are Bahadur's linear terms, with the density that the width of the interval implies, so quantiles of two mixes can be compared
    by their differences.

    Args:
        values: Durations, infinite for what never happens. Shape (N,).
        replication: Place of the replication, 0 to R - 1. Shape (N,).
        q: Level.
        replications: R.
        event: False for a duration that was cut off. Shape (N,).

    Returns:
        Shape (R,), `nan` for a replication without rows, and everywhere where the interval is not finite.

    Source: R. R. Bahadur, Annals of Mathematical Statistics 37 (1966) 577-580.
    """
    found = woodruff(values, replication, q, event)
    told = np.bincount(replication, minlength=replications) > 0
    result = np.full(replications, NONE)
    if not np.isfinite(found[:3]).all():
        return result
    shares = reached_values(values, replication, found.estimate, event)
    half = student(len(shares)) * float(shares.std(ddof=1)) / len(shares) ** 0.5
    slope = (found.high - found.low) / 2 / half if half > 0.0 else 0.0
    result[told] = found.estimate - (shares - shares.mean()) * slope
    return result


def quantile(times: Floats, reached: Floats, q: float) -> float:
    """Return the first of the sorted times by which a share q has happened, infinite if it was not seen to. Shapes (N,)."""
    place = int(np.searchsorted(reached, q - 1e-12))
    return float(times[place]) if place < len(times) else np.inf


def survival(happened: Bools, keep: Bools | None = None) -> Floats:
    """Return the share to which it has not happened yet after each row, by Kaplan and Meier.

    Args:
        happened: Rows in order of time, at equal times what happened before what was cut off. Shape (N,).
        keep: Which rows count; without it all. Shape (N,).

    >>> survival(np.array([True, False, True])).tolist()
    [0.6666666666666667, 0.6666666666666667, 0.0]
    """
    if keep is None:
        left = np.arange(len(happened), 0, -1, dtype=np.float64)
        return np.cumprod(np.where(happened, 1.0 - 1.0 / left, 1.0), dtype=np.float64)
    left = np.maximum(np.cumsum(keep[::-1], dtype=np.float64)[::-1], 1.0)
    return np.cumprod(np.where(happened & keep, 1.0 - 1.0 / left, 1.0), dtype=np.float64)


def kaplan_meier(time: Floats, event: Bools, grid: Floats) -> Floats:
    """Return the share to which it has not happened by each time of a grid.

    What never happens has an infinite time and counts for ever; what was cut off counts until then.

    Args:
        time: When it happened, or was cut off, or infinite. Shape (N,).
        event: Whether it happened. Shape (N,).
        grid: Shape (G,).

    Returns:
        Shape (G,); `nan` without any rows.
    """
    if len(time) == 0:
        return np.full(len(grid), NONE)
    order = np.lexsort((~event, time))
    return on_grid(time[order], survival(event[order] & np.isfinite(time[order])), grid)


def on_grid(times: Floats, left: Floats, grid: Floats) -> Floats:
    """Return a falling staircase at the times of a grid. Shape (G,)."""
    return np.concatenate([[1.0], left])[np.searchsorted(times, grid, side="right")]


def reached_band(time: Floats, event: Bools, replication: Ints, grid: Floats, level: float = LEVEL) -> Band:
    """Return the share to which it has happened by each time of a grid, with a pointwise band.

    The band comes from the jackknife that leaves out one replication at a time, t on the logit scale.

    Args:
        time: When it happened, or was cut off, or infinite. Shape (N,).
        event: Whether it happened. Shape (N,).
        replication: Shape (N,).
        grid: Shape (G,).
        level: Confidence.
    """
    share = 1.0 - kaplan_meier(time, event, grid)
    cluster = np.unique(replication, return_inverse=True)[1]
    count = int(cluster.max(initial=-1)) + 1
    if count < 2:
        return Band(share, np.full(len(grid), NONE), np.full(len(grid), NONE))
    order = np.lexsort((~event, time))
    times, cluster, happened = time[order], cluster[order], event[order] & np.isfinite(time[order])
    without = np.array([on_grid(times, survival(happened, cluster != left_out), grid) for left_out in range(count)])
    spread = without.std(axis=0, ddof=1) * (count - 1) / count**0.5
    return Band(share, *logit_limits(share, spread, count, level))


def restricted_means(time: Floats, event: Bools, replication: Ints, tau: float, replications: int) -> Floats:
    """Return pseudo-values of the mean time up to tau, one a replication, whose mean is the estimate.

    The mean is the area under the curve of Kaplan and Meier up to tau, so what never happens counts tau. The pseudo-values are those of
    the jackknife that leaves out one replication at a time, moved so that their mean is the estimate from all; two mixes can be
    compared by their differences.

    Args:
        time: When it happened, or was cut off, or infinite. Shape (N,).
        event: Whether it happened. Shape (N,).
        replication: Place of the replication, 0 to R - 1. Shape (N,).
        tau: The horizon.
        replications: R.

    Returns:
        Shape (R,), `nan` for a replication without rows.
    """
    order = np.lexsort((~event, time))
    times, cluster = np.minimum(time[order], tau), replication[order]
    happened = event[order] & (time[order] <= tau)
    steps = np.diff(np.append(times, tau))
    told = np.bincount(cluster, minlength=replications) > 0
    count = int(told.sum())
    values = np.full(replications, NONE)
    if count == 0:
        return values
    first = float(times[0])
    whole = first + float((survival(happened) * steps).sum())
    if count == 1:
        values[told] = whole
        return values
    without = np.array([first + float((survival(happened, cluster != left_out) * steps).sum()) for left_out in np.flatnonzero(told)])
    values[told] = whole + (count - 1) * (without.mean() - without)
    return values


def restricted_mean(time: Floats, event: Bools, replication: Ints, tau: float, level: float = LEVEL) -> Interval:
    """Return the mean time up to tau with a jackknife interval over replications; see `restricted_means`."""
    cluster = np.unique(replication, return_inverse=True)[1]
    found = mean(restricted_means(time, event, cluster, tau, int(cluster.max(initial=-1)) + 1), level)
    return found._replace(method=f"area under Kaplan-Meier, jackknife; {found.method}")


def paired(a: Values, b: Values, level: float = LEVEL) -> Paired:
    """Return how far a lies above b over the same replications, with a paired t interval.

    Ratios are compared by their linearised values, so the difference is that of the ratios of sums. Replications in which either has
    nothing to tell are left out.

    Args:
        a: Shape (R,), or a ratio.
        b: The same replications of the other mix.
        level: Confidence; for several comparisons at once give 1 - (1 - 0.95) / comparisons.
    """
    first, second = (values.linearised() if isinstance(values, Ratio) else values for values in (a, b))
    told = ~(np.isnan(first) | np.isnan(second))
    first, second = first[told], second[told]
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        return Paired(NONE, NONE, NONE, NONE, NONE, "infinite in some replication, no difference")
    found = mean(first - second, level)
    if len(first) < 2:
        return Paired(*found[:3], NONE, NONE, found.method)
    apart = float(np.var(first - second, ddof=1))
    variances = float(np.var(first, ddof=1)), float(np.var(second, ddof=1))
    together = (variances[0] + variances[1] - apart) / 2
    correlation = together / (variances[0] * variances[1]) ** 0.5 if min(variances) > 0.0 else NONE
    gain = sum(variances) / apart if apart > 0.0 else (np.inf if sum(variances) > 0.0 else NONE)
    return Paired(*found[:3], correlation, gain, found.method.replace("mean over", "paired over"))
