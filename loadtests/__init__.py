"""What is offered to the system under test, and what goes wrong with it."""
