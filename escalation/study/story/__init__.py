"""The story of one replication, and where two part."""
