"""Log records of errors: the kind of error and where it was raised, never its message.

A message may quote a row or a cell, which is personal data, and logs are read and kept where the store is not.
"""

import logging
import os
import traceback
from typing import Any


def keep_private() -> None:
    """Make every log record of this process, the libraries' included, show an error as `raised_at` does."""
    logging.setLogRecordFactory(_record)


def raised_at(error: BaseException) -> str:
    """The kind of error and where it was raised, the innermost frame first. For errors of the operating system also the
    reason, taken from their number."""
    reason = f" ({os.strerror(error.errno)})" if isinstance(error, OSError) and error.errno else ""
    frames = reversed(traceback.extract_tb(error.__traceback__)[-10:])
    kind = f"{type(error).__qualname__}{reason}"
    came = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    before = error.__cause__ or error.__context__
    return " < ".join([kind, *came]) + (f" after {raised_at(before)}" if before else "")


def _record(*args: Any, **named: Any) -> logging.LogRecord:
    record = logging.LogRecord(*args, **named)
    if record.exc_info and record.exc_info[1]:
        record.msg, record.args = f"{record.getMessage().strip()}: {raised_at(record.exc_info[1])}", None
        # Formatters would append the traceback, and with it the message.
        record.exc_info = None
    return record
