"""Say what is wrong or doubtful about a programme or a list of partners before it is saved."""
