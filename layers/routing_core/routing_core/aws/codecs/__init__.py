"""Spell records as items of DynamoDB, and read them again."""
