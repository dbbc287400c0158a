"""What runs around the application: the embedded AWS, tools, checks and the API's description."""
