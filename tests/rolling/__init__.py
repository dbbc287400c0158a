"""Two versions of the code at work on the same data, as while a deployment is under way."""
