"""Reports for people: the same tables and pictures as a page, a file, a spreadsheet and a mail."""
