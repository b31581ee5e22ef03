"""What happens next: clocks that carry events through the rules of the world."""
