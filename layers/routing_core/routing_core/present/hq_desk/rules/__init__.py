"""Tell the programme in sentences, and what changed between two of its versions."""
