"""Makes reports on months and weeks: asks for them, gathers leads, computes, stores, sends, shows."""
