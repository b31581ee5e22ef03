"""The rules of the world, written once, as small functions on columns of numbers."""
