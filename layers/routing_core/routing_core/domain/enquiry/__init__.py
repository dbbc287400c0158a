"""What a visitor sends, from the typed words to a lead."""
