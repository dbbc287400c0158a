"""Pages: each takes a view and returns finished HTML that works without JavaScript."""
