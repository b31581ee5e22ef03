"""The flywheel: how many further hostile acts are attributed to each one."""
