"""Which of two futures, by how much, and how sure."""
