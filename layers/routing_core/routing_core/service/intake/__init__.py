"""What a visitor does: the form, the enquiry, its status page."""
