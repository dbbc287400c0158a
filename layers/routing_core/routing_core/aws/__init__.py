"""The only code that calls AWS: tables, timers, bus, mail, secrets, settings, and the wiring of all
of it.
"""
