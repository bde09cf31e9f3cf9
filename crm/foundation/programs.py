"""Refuses program files, by name and by content, wherever files are uploaded.

Characters that disguise a name are removed first. A right-to-left override shows `invoice[U+202E]fdp.exe` as
`invoiceexe.pdf`; Windows drops a dot or blank at the end, and everything after a colon, when it opens the file.
"""

import re
import unicodedata
from collections.abc import Collection

from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr

ENDINGS = (
    "ade adp apk app appimage application appref-ms appx appxbundle bash bat bin chm cmd com command cpl csh "
    "deb desktop dll dmg exe fish gadget hlp hta img inf ins iso isp jar jnlp job js jse ksh library-ms lnk "
    "mpkg msc msh msi msix msp mst msu ocx osx pif pkg ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psm1 pyw reg rpm "
    "run scf scpt scr sct search-ms settingcontent-ms sh shb shs sys terminal tool url vb vbe vbs vbscript vhd "
    "vhdx vxd website workflow ws wsc wsf wsh xbap xll zsh"
)
"""Endings of files that a system runs, installs or mounts at a double click, separated by blanks."""

WHY = later("Programs are not taken in. Put it into an archive if you must.")

_RESERVED_NAME = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])( *\.| *$)")
_RESERVED_CHARACTERS = re.compile(r'[<>:"|?*]')
_JOINERS = "\u200c\u200d"
"""Joiners have no width, but names in some scripts, and emoji, need them."""

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
    """The bare file name, safe to show and to save under. Raises Invalid where its ending is one of `endings`."""
    name = file_name.replace("\\", "/").rpartition("/")[2]
    visible = "".join(character for character in name if _is_shown(character))
    for part in visible.split(":"):  # Windows opens what stands before a colon, people read what stands after it
        ending = _ending(part)
        if ending in endings:
            raise Invalid(
                tr("“{name}” ends in .{ending}. {why}", name=visible.strip(), ending=ending, why=tr(WHY)), "file"
            )
    cleaned = _RESERVED_CHARACTERS.sub("_", visible).strip().rstrip(". \u00a0")
    return f"_{cleaned}" if _RESERVED_NAME.match(cleaned) else cleaned


def is_program(head: bytes) -> bool:
    """Whether a file with this beginning is a program. “MZ” alone may begin a text: a Windows program has NUL bytes
    too."""
    if head.startswith(b"MZ"):
        return b"\0" in head[:64]
    return head.startswith(_MAGIC) or re.match(rb"(?:\xef\xbb\xbf)?\s*#!\s*/", head) is not None


def _is_shown(character: str) -> bool:
    """Whether a character stays in a name: no control, line end, direction mark, zero width, private use or
    surrogate."""
    return character in _JOINERS or unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")


def _ending(name: str) -> str:
    """The name's ending as the operating system reads it, in lower case; empty where there is none."""
    visible = unicodedata.normalize("NFKC", "".join(character for character in name if character not in _JOINERS))
    return visible.strip().rstrip(". ").rpartition(".")[2].casefold() if "." in visible else ""
