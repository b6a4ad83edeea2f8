"""What is announced: bulletins composed from facts, approved by people, printed alike everywhere."""
