"""The pages of reports on HQ's desk."""
