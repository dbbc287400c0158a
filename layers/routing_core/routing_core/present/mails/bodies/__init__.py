"""What each mail says, apart from how it looks: one function per template makes a Letter."""
