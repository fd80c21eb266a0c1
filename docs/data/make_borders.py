"""Write the borders and base maps that Truceline ships, from the Natural Earth files of the package world-atlas.

Run it as `python docs/data/make_borders.py WORLD_ATLAS_FOLDER`, where the folder holds `countries-10m.json` and `countries-50m.json`
of world-atlas 2.0.2 (Natural Earth 4.1 as TopoJSON). The same input gives the same bytes. What it decides:

* A border is the arcs that two countries share, merged; the country that comes first in the alphabet of codes lies left of it.
* Crimea, which Natural Earth 4.1 draws inside Russia, is moved to Ukraine (UN General Assembly resolution 68/262).
* Long segments get more points, straight in longitude and latitude as the source draws them (the 49th parallel is no geodesic).
"""

import gzip
import json
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.polygon import orient

Floats = NDArray[np.float64]
OUT = Path(__file__).parents[2] / "sim" / "data"
GEOD = pyproj.Geod(ellps="WGS84")
SHORTEST_M = 5_000.0
SLIVER_M = 2_000.0
KNOT_DEG = 0.0025
LONGEST_SEGMENT_M = 10_000.0
INSIDE_CRIMEA = shapely.box(32.4, 44.3, 36.7, 46.3)
EAST_OF_EUROPE = (20.0, 40.0, 50.0, 57.0)

ISO_3166 = """
004 AF 008 AL 010 AQ 012 DZ 016 AS 020 AD 024 AO 028 AG 031 AZ 032 AR 036 AU 040 AT 044 BS 048 BH 050 BD 051 AM 052 BB 056 BE 060 BM
064 BT 068 BO 070 BA 072 BW 076 BR 084 BZ 086 IO 090 SB 092 VG 096 BN 100 BG 104 MM 108 BI 112 BY 116 KH 120 CM 124 CA 132 CV 136 KY
140 CF 144 LK 148 TD 152 CL 156 CN 158 TW 170 CO 174 KM 178 CG 180 CD 184 CK 188 CR 191 HR 192 CU 196 CY 203 CZ 204 BJ 208 DK 212 DM
214 DO 218 EC 222 SV 226 GQ 231 ET 232 ER 233 EE 234 FO 238 FK 239 GS 242 FJ 246 FI 248 AX 250 FR 258 PF 260 TF 262 DJ 266 GA 268 GE
270 GM 275 PS 276 DE 288 GH 292 GI 296 KI 300 GR 304 GL 308 GD 316 GU 320 GT 324 GN 328 GY 332 HT 334 HM 336 VA 340 HN 344 HK 348 HU
352 IS 356 IN 360 ID 364 IR 368 IQ 372 IE 376 IL 380 IT 384 CI 388 JM 392 JP 398 KZ 400 JO 404 KE 408 KP 410 KR 414 KW 417 KG 418 LA
422 LB 426 LS 428 LV 430 LR 434 LY 438 LI 440 LT 442 LU 446 MO 450 MG 454 MW 458 MY 462 MV 466 ML 470 MT 478 MR 480 MU 484 MX 492 MC
496 MN 498 MD 499 ME 500 MS 504 MA 508 MZ 512 OM 516 NA 520 NR 524 NP 528 NL 531 CW 533 AW 534 SX 540 NC 548 VU 554 NZ 558 NI 562 NE
566 NG 570 NU 574 NF 578 NO 580 MP 581 UM 583 FM 584 MH 585 PW 586 PK 591 PA 598 PG 600 PY 604 PE 608 PH 612 PN 616 PL 620 PT 624 GW
626 TL 630 PR 634 QA 642 RO 643 RU 646 RW 652 BL 654 SH 659 KN 660 AI 662 LC 663 MF 666 PM 670 VC 674 SM 678 ST 682 SA 686 SN 688 RS
690 SC 694 SL 702 SG 703 SK 704 VN 705 SI 706 SO 710 ZA 716 ZW 724 ES 728 SS 729 SD 732 EH 740 SR 748 SZ 752 SE 756 CH 760 SY 762 TJ
764 TH 768 TG 772 TK 776 TO 780 TT 784 AE 788 TN 792 TR 795 TM 796 TC 798 TV 800 UG 804 UA 807 MK 818 EG 826 GB 831 GG 832 JE 833 IM
834 TZ 840 US 850 VI 854 BF 858 UY 860 UZ 862 VE 876 WF 882 WS 887 YE 894 ZM
"""
FULL_NAME = {
    "Dem. Rep. Congo": "DR Congo",
    "Macedonia": "North Macedonia",
    "S. Sudan": "South Sudan",
    "W. Sahara": "Western Sahara",
    "N. Cyprus": "Northern Cyprus",
    "Bosnia and Herz.": "Bosnia and Herzegovina",
    "Central African Rep.": "Central African Republic",
    "Dominican Rep.": "Dominican Republic",
    "Eq. Guinea": "Equatorial Guinea",
    "eSwatini": "Eswatini",
}

Country = dict[str, Any]
"""A country as `name`, `code` (its name where ISO has none), and `polygons`: lists of rings, each a list of arc numbers."""


def countries_of(topology: dict[str, Any]) -> list[Country]:
    """Return the countries of a TopoJSON file, with Crimea in Ukraine."""
    code = dict(zip(ISO_3166.split()[::2], ISO_3166.split()[1::2], strict=True))
    countries = []
    for shape in topology["objects"]["countries"]["geometries"]:
        short = shape["properties"]["name"]
        name = FULL_NAME.get(short, short)
        own = shape.get("id") if short != "Ashmore and Cartier Is." else None  # it carries Australia's number
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        countries.append({"name": name, "code": code[own] if own else name, "polygons": list(polygons)})
    arcs = arcs_of(topology)
    russia, ukraine = (next(c for c in countries if c["code"] == code) for code in ("RU", "UA"))
    crimea = [p for p in russia["polygons"] if INSIDE_CRIMEA.contains(shapely.Polygon(ring(p[0], arcs)))]
    russia["polygons"] = [p for p in russia["polygons"] if p not in crimea]
    ukraine["polygons"] += crimea
    return countries


def arcs_of(topology: dict[str, Any]) -> list[Floats]:
    """Return the arcs in degrees, each of shape (N, 2)."""
    scale, shift = np.array(topology["transform"]["scale"]), np.array(topology["transform"]["translate"])
    return [np.cumsum(np.array(arc, dtype=float), axis=0) * scale + shift for arc in topology["arcs"]]


def way(number: int, arcs: list[Floats]) -> Floats:
    """Return an arc as a ring runs along it; TopoJSON writes arc i backwards as -1 - i."""
    return arcs[number] if number >= 0 else arcs[~number][::-1]


def ring(numbers: list[int], arcs: list[Floats]) -> Floats:
    """Return a closed ring, shape (N, 2)."""
    parts = [way(number, arcs) for number in numbers]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def borders(countries: list[Country], arcs: list[Floats]) -> dict[str, list[dict[str, Any]]]:
    """Return each pair's lines, the longest first, with the first country of the pair on the left."""
    runs: dict[int, dict[str, int]] = defaultdict(dict)
    for country in countries:
        for polygon in country["polygons"]:
            for numbers in polygon:
                for number in numbers:
                    runs[max(number, ~number)][country["code"]] = number
    shared: dict[tuple[str, str], list[Floats]] = defaultdict(list)
    for sides in runs.values():
        for first, second in combinations(sorted(sides), 2):
            shared[first, second].append(way(~sides[first], arcs))  # rings here run clockwise: backwards, the country is on the left
    found = {}
    for (first, second), pieces in sorted(shared.items()):
        merged = shapely.get_parts(shapely.line_merge(shapely.MultiLineString(pieces), directed=True))
        whole = [line for line in merged if not (line.is_closed and GEOD.geometry_length(line) < SLIVER_M)]
        merged = shapely.get_parts(shapely.line_merge(shapely.MultiLineString(whole), directed=True))  # a sliver may have parted its line
        lines = [part(np.asarray(line.coords)) for line in merged]
        kept = sorted((line for line in lines if line["km"] * 1000 >= SHORTEST_M), key=lambda line: (-line["km"], line["lonlat"]))
        if kept:
            found[f"{first}-{second}"] = kept
    return found


def part(lonlat: Floats) -> dict[str, Any]:
    """Return one line with its geodesic length, its knots of the source's rounding undone and its long segments filled."""
    if not shapely.LineString(lonlat).is_simple:
        lonlat = np.asarray(shapely.simplify(shapely.LineString(lonlat), KNOT_DEG, preserve_topology=False).coords)
    _, _, step_m = GEOD.inv(lonlat[:-1, 0], lonlat[:-1, 1], lonlat[1:, 0], lonlat[1:, 1])
    dense = shapely.LineString(lonlat)
    if max(step_m) > LONGEST_SEGMENT_M:
        counts = np.maximum(1, np.ceil(np.asarray(step_m) / LONGEST_SEGMENT_M).astype(int))
        at = np.concatenate([i + np.arange(n) / n for i, n in enumerate(counts)] + [[len(lonlat) - 1]])
        dense = shapely.LineString(np.column_stack([np.interp(at, np.arange(len(lonlat)), lonlat[:, axis]) for axis in (0, 1)]))
    written = np.round(np.asarray(dense.coords), 4)
    return {"km": round(GEOD.line_length(written[:, 0], written[:, 1]) / 1000, 1), "lonlat": written.tolist()}


def shapes(
    countries: list[Country], arcs: list[Floats], tolerance_deg: float, digits: int, clip: tuple[float, ...] | None
) -> list[dict[str, Any]]:
    """Return the countries as rings, outer ones anticlockwise and holes clockwise, with their arcs simplified alike on both sides."""
    thin = [np.asarray(shapely.simplify(shapely.LineString(arc), tolerance_deg).coords) for arc in arcs]
    found = []
    for country in countries:
        drawn = [[r for r in (ring(numbers, thin) for numbers in polygon) if len(r) >= 4] for polygon in country["polygons"]]
        polygons = [shapely.make_valid(shapely.Polygon(rings[0], rings[1:])) for rings in drawn if rings]
        area = shapely.set_precision(shapely.union_all(polygons), 10.0**-digits)
        area = area.intersection(shapely.box(*clip)) if clip else area
        rings = [
            r
            for polygon in shapely.get_parts(area)
            if polygon.geom_type == "Polygon" and not polygon.is_empty
            for r in (orient(polygon).exterior, *orient(polygon).interiors)
        ]
        if rings:
            found.append(
                {
                    "name": country["name"],
                    "code": country["code"],
                    "rings": [np.round(np.asarray(r.coords), digits).tolist() for r in rings],
                }
            )
    return found


def write(name: str, content: dict[str, Any]) -> None:
    """Write a compressed JSON file whose bytes depend on its content alone."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    packed = gzip.compress(text.encode(), compresslevel=9, mtime=0)
    (OUT / name).write_bytes(packed)
    sys.stdout.write(f"{name}: {len(text) / 1e3:,.0f} kB, compressed {len(packed) / 1e3:,.0f} kB\n")


def main(folder: Path) -> None:
    """Write the three files."""
    fine, coarse = (json.loads((folder / f"countries-{scale}.json").read_text()) for scale in ("10m", "50m"))
    countries, arcs = countries_of(fine), arcs_of(fine)
    found = borders(countries, arcs)
    named = {c["code"]: c["name"] for c in sorted(countries, key=lambda c: str(c["code"]))}
    write("borders.json.gz", {"source": "Natural Earth 4.1, 1:10m (public domain)", "names": named, "borders": found})
    world = shapes(countries_of(coarse), arcs_of(coarse), 0.01, 2, None)
    write("basemap.json.gz", {"source": "Natural Earth 4.1, 1:50m (public domain)", "bounds": [-180, -90, 180, 90], "countries": world})
    east = shapes(countries, arcs, 0.002, 3, EAST_OF_EUROPE)
    write(
        "basemap_10m_europe_east.json.gz",
        {"source": "Natural Earth 4.1, 1:10m (public domain)", "bounds": EAST_OF_EUROPE, "countries": east},
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
