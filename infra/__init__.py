"""What runs around the application: the embedded AWS, keys for HQ, and the state machines."""
