"""Alarms that are known before time starts, kept in arrays until their time comes."""

from collections.abc import Iterator
from itertools import starmap
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from sim.engine.inbox import Alarm

AT_ONCE = 4096
"""So many alarms are taken out of their arrays at once."""
KNOWN, UNIT, KEY = 1, 2, 4
"""Places of the columns by which alarms are put in order."""


class Alarms(NamedTuple):
    """Alarms of one sensor."""

    sensor: str
    columns: list[Any]
    """The fields of `Alarm` in their order, without the sensor's name. Shapes (N,)."""


def in_turn(parts: list[Alarms]) -> Iterator[Alarm]:
    """Iterate over the alarms of all sensors in the order in which they are known, then by name."""
    parts = sorted(parts, key=itemgetter(0))
    if not parts:
        return
    columns = [np.concatenate(column) for column in zip(*(part.columns for part in parts), strict=True)]
    names = np.repeat(np.arange(len(parts)), [len(part.columns[KEY]) for part in parts])
    order = np.lexsort((columns[KEY], columns[UNIT], names, columns[KNOWN]))
    for begin in range(0, len(order), AT_ONCE):
        chunk = order[begin : begin + AT_ONCE]
        seen_s, known_s, *rest = (column[chunk].tolist() for column in columns)
        sensors = [parts[name].sensor for name in names[chunk].tolist()]
        yield from starmap(Alarm, zip(seen_s, known_s, sensors, *rest, strict=True))
