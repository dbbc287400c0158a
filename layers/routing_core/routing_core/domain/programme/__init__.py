"""Define the programme: what HQ decides about forms, offers, partners and deadlines."""
