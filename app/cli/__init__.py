"""The command `exhume`."""


def main() -> None:
    """Run the command line; its parts are imported only now, so that our child processes start quickly."""
    from app.cli.root import app

    app()
