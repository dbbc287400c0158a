"""The embedded AWS: the real template, handlers, tables and timers on one machine."""
