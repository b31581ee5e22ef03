"""A scenario that is changed by hand while one looks at its futures."""
