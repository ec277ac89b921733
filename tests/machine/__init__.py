"""Everything that can happen in a move, in any order, and what must be true after each of it."""
