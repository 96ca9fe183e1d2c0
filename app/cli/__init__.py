"""The command `exhume`."""


def main() -> None:
    """Run the command line. Its parts are imported here so that child processes start quickly."""
    from app.cli.root import app

    app()
