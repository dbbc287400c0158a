"""What is wrong or doubtful about a programme or a list of partners, said before it is saved."""
