"""The product: decides in pure Python, acts through ports, and touches AWS in one place."""
