"""Tuning a policy."""
