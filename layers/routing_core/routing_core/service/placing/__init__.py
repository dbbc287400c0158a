"""How a lead finds the next partner, or a place to wait."""
