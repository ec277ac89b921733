"""``python -m runner`` is ``migrate``."""

from runner.cli.main import main

if __name__ == "__main__":
    main()
