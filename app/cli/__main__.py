"""`python -m app.cli` runs the command `exhume`."""

from app.cli import main

if __name__ == "__main__":
    main()
