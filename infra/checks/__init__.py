"""Checks of the code as a text. No part of the product imports anything from here."""
