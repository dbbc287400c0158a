"""The second reader of the leads stream: keeps the rows that lists are made of."""
