"""Everything that can happen to a lead, as pure steps on a draft that set its deadlines.

``holding`` is for what waits at the door, ``offering`` for partners who are asked, ``ownership``
for the one who accepted. ``queueing`` is for leads that nobody has and nobody is asked about,
``relocation`` for those whose place was wrong, ``ending`` for those that are over. ``on_paper`` and
``serving`` are for an enquiry attached to another one, ``promises`` for what its sender was told.
"""
