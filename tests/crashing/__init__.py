"""The command line, killed at each of its side effects, in processes of their own.

``python -m tests.crashing apply`` does it and prints a line of JSON for each step; see
``tests.crashing.__main__``. No code of ``runner/`` knows of it.
"""
