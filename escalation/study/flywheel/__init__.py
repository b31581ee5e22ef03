"""The flywheel: how many further hostile acts each one calls forth."""
