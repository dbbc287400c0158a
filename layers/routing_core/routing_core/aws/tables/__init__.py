"""Keep what the ports keep, in DynamoDB and S3."""
