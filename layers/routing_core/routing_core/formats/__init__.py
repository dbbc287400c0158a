"""Files and documents that people write: read with every problem named, and written again."""
