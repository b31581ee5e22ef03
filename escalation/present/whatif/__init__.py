"""What if an act had not taken place, or another had."""
