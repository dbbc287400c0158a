"""What leaves: events, mails and timers."""
