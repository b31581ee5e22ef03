"""Forecasts held against a record: targets, scores, rivals, and the study that plays them."""
