"""What can happen to a lead, as pure steps on a draft. Deadlines are set here and nowhere else.

``offering``: a partner is asked. ``owning``: one has accepted. ``resting``: nobody has it and
nobody is asked.
``ending``: it is over. ``moving``: its place was wrong. ``promises``: what the prospect was told.
"""
