"""The pages of leads on HQ's desk: the list, one lead, what is taken away of them."""
