"""Postcodes, places and the areas that partners cover."""
