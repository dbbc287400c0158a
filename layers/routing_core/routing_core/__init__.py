"""Partner Relay's core: rules (domain, routing), use cases (service), words (present) and AWS (aws)."""
