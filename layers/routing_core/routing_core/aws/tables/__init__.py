"""The ports that are kept in DynamoDB and S3."""
