"""Read what a visitor sends, from the typed words to what can become a lead."""
