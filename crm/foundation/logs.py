"""What the log may hold of an error: its kind and where it came from, and nothing of what it says.

An error's message may quote a row or a cell, which is somebody's data, and logs are read and kept by others than the
store is.
"""

import logging
import os
import traceback
from typing import Any


def keep_private() -> None:
    """From here on every log of this process, the libraries' own included, tells of an error as `raised_at` does."""
    logging.setLogRecordFactory(_record)


def raised_at(error: BaseException) -> str:
    """The kind of error and where it came from, the innermost frame first. Of the operating system's errors the reason
    too, which their number alone tells."""
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
        record.exc_info = None
    return record
