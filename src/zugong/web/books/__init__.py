"""The pages of what is kept by hand: rolls and ledgers."""
