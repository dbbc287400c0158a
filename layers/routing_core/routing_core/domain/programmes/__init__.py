"""The programmes that a real user starts from: ``consumer-trade.yaml`` and ``b2b-resellers.yaml``,
commented.
"""
