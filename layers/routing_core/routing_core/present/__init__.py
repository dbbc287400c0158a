"""Every word people see: mails, pages, the form, calendar and contact files. Knows no AWS."""
