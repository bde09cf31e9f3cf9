"""Files that a machine would run: refused by their name and by their content, at every door that takes files in.

What a name hides is taken out of it first. A sign that turns the direction of writing shows `invoice[U+202E]fdp.exe` as
`invoiceexe.pdf`; a dot or blank at the end, or what comes after a colon, is dropped by Windows when it opens the file.
"""

import re
import unicodedata
from collections.abc import Collection

from crm.foundation.errors import Invalid

ENDINGS = (
    "ade adp apk app appimage application appref-ms appx appxbundle bash bat bin chm cmd com command cpl csh "
    "deb desktop dll dmg exe fish gadget hlp hta img inf ins iso isp jar jnlp job js jse ksh library-ms lnk "
    "mpkg msc msh msi msix msp mst msu ocx osx pif pkg ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psm1 pyw reg rpm "
    "run scf scpt scr sct search-ms settingcontent-ms sh shb shs sys terminal tool url vb vbe vbs vbscript vhd "
    "vhdx vxd website workflow ws wsc wsf wsh xbap xll zsh"
)
"""What systems run, install or mount at a double click, parted by blanks."""

WHY = "Programs are not taken in. Put it into an archive if you must."

_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])( *\.| *$)")
_DEVICE_SIGNS = re.compile(r'[<>:"|?*]')
_JOINERS = "\u200c\u200d"
"""Without width, and yet part of how names in some scripts, and emoji, are written."""

_MAGIC = (
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",  # of Java, and of programs for several processors
    b"L\0\0\0\x01\x14\x02\0",  # a shortcut of Windows
    b"dex\n",
)


def shown_name(file_name: str, endings: Collection[str]) -> str:
    """The name, without its folders, as people may see and save it; Invalid where its ending is of a program."""
    name = file_name.replace("\\", "/").rpartition("/")[2]
    bare = "".join(sign for sign in name if _is_shown(sign))
    for part in bare.split(":"):  # Windows opens what stands before a colon, people read what stands after it
        ending = _ending(part)
        if ending in endings:
            raise Invalid(f"“{bare.strip()}” ends in .{ending}. {WHY}", "file")
    whole = _DEVICE_SIGNS.sub("_", bare).strip().rstrip(". \u00a0")
    return f"_{whole}" if _RESERVED.match(whole) else whole


def is_program(head: bytes) -> bool:
    """Whether a file that begins so is one. Two letters make none of a text: a program for Windows has zeros in it."""
    if head.startswith(b"MZ"):
        return b"\0" in head[:64]
    return head.startswith(_MAGIC) or re.match(rb"(?:\xef\xbb\xbf)?\s*#!\s*/", head) is not None


def _is_shown(sign: str) -> bool:
    """Not controls, line ends, signs of direction or without width, private ones, or halves of characters."""
    return sign in _JOINERS or unicodedata.category(sign) not in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")


def _ending(name: str) -> str:
    """As the system that opens the file reads it."""
    plain = unicodedata.normalize("NFKC", "".join(sign for sign in name if sign not in _JOINERS))
    return plain.strip().rstrip(". ").rpartition(".")[2].casefold() if "." in plain else ""
