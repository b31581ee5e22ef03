"""Points of a scenario: levers, the variants they make, and what comes of them."""
