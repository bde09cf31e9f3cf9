"""The encodings that a person may choose: every one that Python reads text in, under the name that IANA gives it."""

import codecs
import encodings
import pkgutil
from functools import cache

from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr

NO_CHARSETS = {"charmap", "idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
"""What Python counts among its encodings of text, and no file is written in."""

SCRIPTS = {
    later("Unicode"): "UTF-8 UTF-16LE UTF-16BE UTF-16 UTF-32LE UTF-32BE UTF-32 UTF-7",
    later("Western European"): "Windows-1252 ISO-8859-1 ISO-8859-15 IBM850 IBM858 IBM437 IBM860 IBM863 IBM861 IBM865 "
    "macintosh mac-iceland hp-roman8 US-ASCII IBM037 IBM500 IBM1140 IBM273",
    later("Central European"): "Windows-1250 ISO-8859-2 ISO-8859-16 IBM852 mac-latin2 mac-croatian mac-romanian",
    later("Cyrillic"): "Windows-1251 KOI8-R KOI8-U KOI8-T ISO-8859-5 IBM866 IBM855 cp1125 mac-cyrillic PTCP154 KZ1048",
    later("Greek"): "Windows-1253 ISO-8859-7 IBM869 cp737 cp875 mac-greek",
    later("Turkish"): "Windows-1254 ISO-8859-9 ISO-8859-3 IBM857 IBM1026 mac-turkish",
    later("Hebrew"): "Windows-1255 ISO-8859-8 IBM862 IBM424 cp856",
    later("Arabic"): "Windows-1256 ISO-8859-6 IBM864 cp720 cp1006 mac-arabic mac-farsi",
    later("Baltic"): "Windows-1257 ISO-8859-4 ISO-8859-13 IBM775",
    later("Nordic"): "ISO-8859-10",
    later("Celtic"): "ISO-8859-14",
    later("Vietnamese"): "Windows-1258",
    later("Thai"): "cp874 TIS-620 ISO-8859-11",
    later("Japanese"): "Shift_JIS cp932 EUC-JP ISO-2022-JP ISO-2022-JP-1 ISO-2022-JP-2 ISO-2022-JP-3 ISO-2022-JP-2004 "
    "ISO-2022-JP-EXT Shift_JIS-2004 Shift_JISX0213 EUC-JIS-2004 EUC-JISX0213",
    later("Chinese"): "GB18030 GBK GB2312 HZ-GB-2312 Big5 Big5-HKSCS cp950",
    later("Korean"): "EUC-KR cp949 ISO-2022-KR JOHAB",
}


def codec(name: str) -> str:
    """Python's own name of an encoding, which any of its names finds: cp1252, of Windows-1252. Raises Invalid where
    there is none of that name."""
    try:
        found = codecs.lookup(name.strip())
    except (LookupError, ValueError, UnicodeError):
        found = None
    # Python's registry holds what is no encoding of text too, such as base64.
    if found is None or not found._is_text_encoding or found.name.replace("_", "-") in NO_CHARSETS:
        raise Invalid(
            tr(
                "“{name}” is no encoding that is known here. Name it as IANA does, such as Windows-1251 or ISO-8859-2.",
                name=name[:80],
            ),
            "encoding",
        )
    return found.name


def choices() -> dict[str, str]:
    """Python's name → the name for people, with what is written in it: “Windows-1251 (Cyrillic)”."""
    return {found: f"{name} ({tr(script)})" if script else name for found, (name, script) in _named().items()}


def shown(encoding: str) -> str:
    """The name for people, without what is written in it."""
    if encoding == "utf-8-sig":
        return tr("UTF-8 with BOM")
    return _named().get(encoding, (encoding, ""))[0]


@cache
def _named() -> dict[str, tuple[str, str]]:
    """Python's name → (the name for people, what is written in it, empty where that is not known)."""
    named = {codec(name): (name, script) for script, names in SCRIPTS.items() for name in names.split()}
    return named | {name: (name, "") for name in sorted(_of_python()) if name not in named}


def _of_python() -> set[str]:
    found = set()
    for module in pkgutil.iter_modules(encodings.__path__):
        try:
            found.add(codec(module.name))
        except Invalid:
            continue
    return found - {"utf-8-sig"}
