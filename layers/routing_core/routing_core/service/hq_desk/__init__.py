"""What the pages of HQ's desk do, for somebody at HQ who has signed in."""
