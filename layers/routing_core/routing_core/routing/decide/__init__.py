"""Who may be asked, in which order, and why: the decision and its record."""
