"""What every use case stands on: the services, their ports, views and links."""
