"""What watches, in words: units by kind, types of asset, aircraft by base."""

from sim.measures.base import spoken
from sim.sensors.base import Sensor
from sim.story import Results

UNITS = {
    "drone_fleet": "drone",
    "satellite_constellation": "satellite",
    "camera_tower": "tower",
    "thermal_satellite": "thermal satellite",
    "rf_satellite": "radio cluster",
    "overhead_infrared": "infrared constellation",
}
"""What a unit is called where the kind is named after many, or at length."""


def unit_word(kind: str) -> str:
    """Return what one unit of a kind of sensor is called.

    >>> unit_word("camera_tower"), unit_word("seismic_net")
    ('tower', 'seismic net')
    """
    return UNITS.get(kind, spoken(kind))


def asset_type(sensor: Sensor) -> str:
    """Return the type of a sensor's units in words: its kind, and its instrument where the kind has several."""
    instrument = getattr(getattr(sensor, "instrument", None), "instrument", "")
    return f"{instrument} {unit_word(sensor.kind_name)}".strip()


def fleet(results: Results) -> str:
    """Return what watches, in words: units by kind."""
    counts: dict[str, int] = {}
    for sensor in results.scenario.sensors.values():
        counts[sensor.kind_name] = counts.get(sensor.kind_name, 0) + len(sensor.units(results.stage))
    if len(counts) > 4:
        return f"{sum(counts.values())} units of {len(counts)} kinds"
    return ", ".join(f"{count} {unit_word(kind)}{'s' if count != 1 else ''}" for kind, count in counts.items()) or "no sensors"


def aircraft(values: object, found: dict[str, int]) -> dict[str, int]:
    """Return the drones at each base: every record of the sensors that names a `base` and a number of `drones`."""
    if isinstance(values, dict):
        if isinstance(values.get("base"), str):
            found[values["base"]] = found.get(values["base"], 0) + int(values.get("drones", 0))
        for value in values.values():
            aircraft(value, found)
    return found


def based(results: Results) -> dict[str, int]:
    """Return the drones at each base that any sensor uses."""
    return aircraft({name: sensor.model_dump() for name, sensor in results.scenario.sensors.items()}, {})
