"""Tuning: which levers of an actor reach an aim best, how sure that is, and against whom it fails."""
