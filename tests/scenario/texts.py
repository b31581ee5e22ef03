"""A scenario that loads, as text, for tests that damage or extend it."""

from pathlib import Path

VALID_FILE = Path(__file__).parent / "broken" / "base" / "valid.yaml"
VALID = VALID_FILE.read_text(encoding="utf-8")
