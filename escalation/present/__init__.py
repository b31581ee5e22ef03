"""Answers as a reader sees them: tables, CSV, JSON, Markdown, progress; nothing here computes a result."""
