"""Many replications of one scenario: executors, what became of each one, the folder they are kept in."""
