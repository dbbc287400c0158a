"""The core: decide in pure Python (domain, routing), act through ports (service), touch AWS in one
place (aws).
"""
