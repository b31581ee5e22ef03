"""Sweeps over the levers of a scenario."""
