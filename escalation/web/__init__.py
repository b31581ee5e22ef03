"""The live page: one page, one stylesheet, one script, served on loopback."""
