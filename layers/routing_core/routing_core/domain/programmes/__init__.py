"""The commented programmes to start from: ``consumer-trade.yaml`` and ``b2b-resellers.yaml``."""
