"""What happens by itself as time passes: timers, the sweep, erasure, calendars."""
