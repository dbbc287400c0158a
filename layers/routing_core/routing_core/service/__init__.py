"""Use cases: load, decide in pure Python, commit once. What they need from outside is in
``ports``.
"""
