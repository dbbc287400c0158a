"""Why something was decided, and what has happened, in the reader's words."""
