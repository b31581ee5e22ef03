"""The report: one HTML file that opens offline, for a reader who was not there."""
