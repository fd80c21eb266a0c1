"""How the coalition answers: one kind, one file."""

from sim.family import load_kinds

load_kinds(__name__)
