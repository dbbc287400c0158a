"""Small values that people type: cleaned, spelled, compared."""
