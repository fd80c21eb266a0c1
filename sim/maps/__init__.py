"""Maps of the line: base map, the line and its kilometre posts, towns, scale bar, north arrow, locator; drawn on axes that are given."""

from sim.maps.ground import countries_on, described, draw_base, draw_locator, draw_names, draw_seas, home_of
from sim.maps.marks import draw_bases, draw_leader, draw_line, draw_posts, draw_scale, draw_towns, post_spot
from sim.maps.sheet import Box, Sheet, halo

__all__ = [
    "Box",
    "Sheet",
    "countries_on",
    "described",
    "draw_base",
    "draw_bases",
    "draw_leader",
    "draw_line",
    "draw_locator",
    "draw_names",
    "draw_posts",
    "draw_scale",
    "draw_seas",
    "draw_towns",
    "halo",
    "home_of",
    "post_spot",
]
