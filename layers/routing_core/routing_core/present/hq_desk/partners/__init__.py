"""The pages of HQ's desk that are about partners: the list, a partner, the form, the import."""
