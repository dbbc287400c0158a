"""The words and rules of the business. Pure: no AWS, no I/O, no clock; every function takes
``now``.
"""
