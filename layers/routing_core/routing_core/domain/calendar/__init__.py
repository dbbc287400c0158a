"""Hours, windows and deadlines, computed in somebody's own zone."""
