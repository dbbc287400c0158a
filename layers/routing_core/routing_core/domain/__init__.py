"""The words and rules of the business, pure: no AWS, no input or output, no clock."""
