"""Mails: each takes a view and returns subject, text, HTML and attachments."""
