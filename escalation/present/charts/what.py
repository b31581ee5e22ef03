"""The words by which one asks for a picture; light to import, for the command line."""

from __future__ import annotations

from enum import StrEnum


class What(StrEnum):
    """What can be drawn."""

    FAN = "fan"
    TIMELINE = "timeline"
    LADDER = "ladder"
    FLYWHEEL = "flywheel"
    TREE = "tree"
    FOREST = "forest"
