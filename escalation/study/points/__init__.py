"""Points of a scenario: levers, the variants they make, and playing these."""
