"""Send what leaves: events, mails and timers."""
