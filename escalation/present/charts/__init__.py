"""Pictures of an ensemble: each a finding, how to read it, a drawing, and its numbers in tables."""
