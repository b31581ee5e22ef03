"""Which uncertain numbers and levers an outcome depends on."""
