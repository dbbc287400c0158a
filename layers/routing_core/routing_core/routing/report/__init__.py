"""What the rules mean for the whole map: coverage, gaps and doubtful settings."""
