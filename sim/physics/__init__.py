"""Kernels: formulas over floats and arrays that know nothing else of Truceline."""
