"""The summary of an ensemble."""
