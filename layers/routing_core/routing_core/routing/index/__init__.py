"""The network of partners, packed so that one look finds who covers a place."""
