"""The process that turns a report into a PDF: `python -m app.audit_reports.pdf_process [--check]`.

It reads HTML from its input and writes a PDF to its output. It fetches nothing, knows no secrets,
and has limits on time and memory, because the report contains text of users.
"""

import contextlib
import os
import resource
import sys
from enum import IntEnum

MEMORY_BYTES = 2 * 1024**3
PROCESSOR_SECONDS = 50
VARIANT = "pdf/ua-1"  # tagged, for screen readers
CHECK = "--check"
"""Argument that also asks whether a font was found."""


class Ending(IntEnum):
    """Exit code of the process."""

    MADE = 0
    FAILED = 1
    NOT_INSTALLED = 3
    NO_FONTS = 4


def main() -> int:
    """Write the PDF of the HTML that is read."""
    _limit()
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError):  # OSError: a library of the system is missing
        return Ending.NOT_INSTALLED
    html = sys.stdin.buffer.read().decode()
    fetcher = URLFetcher(allowed_protocols=["data"], allow_redirects=False)
    check = CHECK in sys.argv[1:]
    document = HTML(string=html, url_fetcher=fetcher)
    written = document.write_pdf(pdf_variant=VARIANT, pdf_tags=True, uncompressed_pdf=check)
    if check and b"/FontFile" not in written:
        return Ending.NO_FONTS
    sys.stdout.buffer.write(written)
    return Ending.MADE


def _limit() -> None:
    os.nice(5)
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
    ):
        with contextlib.suppress(OSError, ValueError):  # systems differ in what they can limit
            resource.setrlimit(limit, (value, value))


if __name__ == "__main__":
    ending = main()
    sys.stdout.flush()
    os._exit(ending)  # a library can crash while the interpreter is torn down, when the PDF is already complete
