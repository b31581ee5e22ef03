"""Questions put to an ensemble; nothing here knows how an answer is drawn."""
