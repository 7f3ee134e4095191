"""Measurements, each run by `python -m tools.benches.NAME` from the top of a checkout."""
