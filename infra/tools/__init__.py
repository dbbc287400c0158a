"""Commands for who runs the product."""
