"""Tuning: which levers reach an aim best, how sure that is, and against whom it fails."""
