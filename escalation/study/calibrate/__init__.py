"""Calibration: what records say about the numbers of a scenario."""
