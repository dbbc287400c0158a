"""Figures that reports show, from a snapshot of a month's leads; every definition is here."""
