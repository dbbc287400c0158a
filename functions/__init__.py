"""The Lambda functions: each app.py parses, makes one call, renders."""
