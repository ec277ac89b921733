"""The loops: changes, plan, apply, finish, reset."""
