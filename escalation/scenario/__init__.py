"""The file format: what a scenario says, how it is read, and what is wrong with it."""
