"""The pages of HQ's desk: each takes a view and returns finished HTML."""
