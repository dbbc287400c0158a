"""Who is told what: from an event to the mails it asks for."""
