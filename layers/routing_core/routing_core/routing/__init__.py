"""Who gets the lead: pure, total, explained. ``decide`` is the whole of it."""
