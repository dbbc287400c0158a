"""How records are spelled in DynamoDB."""
