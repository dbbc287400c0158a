"""Views of every page and mail, made by hand: what the tests of ``present`` look at, in every
state.
"""
