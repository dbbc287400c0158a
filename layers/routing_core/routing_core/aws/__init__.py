"""Call AWS: no other package does, and none of the rules knows that it is there."""
