"""PDF files, made by a separate process, so that the API neither waits nor grows.

WeasyPrint is chosen over a browser: it installs with pip and three small libraries of the system,
needs no sandbox of its own, runs no scripts and writes tagged PDF. Chromium would be a download of
hundreds of megabytes that does not start as root without giving up its sandbox.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
from importlib.util import find_spec

import structlog

from app.audit_reports.pdf_process import CHECK, Ending
from app.errors import UnavailableError

log = structlog.get_logger(__name__)

COMMAND = (sys.executable, "-I", "-m", "app.audit_reports.pdf_process")
SECONDS = 55
AT_ONCE = 2
INSTALL = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
MISSING = (
    "PDF needs WeasyPrint and the library Pango, which this server does not have. On Debian or Ubuntu: "
    f"`{INSTALL}`. The report in HTML works, and a browser can print it."
)
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "FONTCONFIG_PATH", "FONTCONFIG_FILE")
"""Variables of the environment that the process gets. Secrets are not among them."""


class Typesetter:
    """Makes PDF files, a few at once."""

    def __init__(self) -> None:
        self._busy = 0

    async def pdf(self, html: str) -> bytes:
        """Return the PDF of an HTML document.

        Raises: UnavailableError if none can be made.
        """
        if find_spec("weasyprint") is None:
            raise UnavailableError("pdf_unavailable", MISSING)
        if self._busy >= AT_ONCE:
            detail = f"{AT_ONCE} PDF reports are being made. Ask again in a few seconds, or take the HTML."
            raise UnavailableError("reports_busy", detail, headers={"Retry-After": "5"})
        self._busy += 1
        try:
            return await _made(html)
        finally:
            self._busy -= 1


async def _made(html: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment(),
        cwd="/",
    )
    try:
        written, _ = await asyncio.wait_for(process.communicate(html.encode()), SECONDS)
    except TimeoutError:
        raise UnavailableError("pdf_failed", f"The PDF was not ready after {SECONDS} seconds.") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode == Ending.NOT_INSTALLED:
        raise UnavailableError("pdf_unavailable", MISSING)
    if process.returncode != Ending.MADE or not written:
        log.warning("pdf_failed", exit_code=process.returncode, html_bytes=len(html))
        raise UnavailableError("pdf_failed", "The PDF could not be made within its limits of time and memory.")
    return written


def environment() -> dict[str, str]:
    """Return the environment of the process."""
    return {name: os.environ[name] for name in KEPT if name in os.environ}


def tried() -> Ending:
    """Make a small PDF, and return how that ended."""
    done = checked(b'<!doctype html><html lang="en"><title>Exhume</title><p>Exhume')
    return Ending(done.returncode) if done.returncode in set(Ending) else Ending.FAILED


def checked(html: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run the process so that it also asks for fonts and compresses nothing. Blocks."""
    return subprocess.run(
        [*COMMAND, CHECK], input=html, capture_output=True, env=environment(), cwd="/", timeout=SECONDS, check=False
    )
