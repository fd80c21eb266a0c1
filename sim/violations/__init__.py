"""Everything that breaks the truce, or looks like it: one kind, one file."""

from sim.family import load_kinds

load_kinds(__name__)
