"""A document on A4 in the product's typeface, with fonts for the scripts of its texts, and page numbers."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from crm.foundation.language import tr
from crm.platform.printing import faces, scripts

Colour = tuple[int, int, int]
GRAY: Colour = (110, 116, 125)
INK: Colour = (24, 28, 34)
RULE: Colour = (214, 218, 223)
LEFT = 12
WIDTH = 186
"""Millimetres of the page's 210 between the margins."""


class Page(FPDF):
    """The pages of one document. `bold` are the texts that it prints in bold, `plain` all others, as far as people
    wrote them: their fonts are cut out before the first page."""

    def __init__(self, name: str, locale: str, bold: Iterable[str], plain: Iterable[str], folder: Path) -> None:
        super().__init__(format="A4")
        self.name, self.in_locale = name, locale
        self.lacks = False
        self.known = faces.characters()
        for (part, style), path in faces.files().items():
            self.add_font(part, style, path)
        self._add_scripts(" ".join(bold), " ".join(plain), folder)
        self.set_margins(LEFT, 14)
        self.set_auto_page_break(True, margin=18)
        self.set_title(self.fit(name))
        self.set_lang(locale.replace("_", "-"))

    def _add_scripts(self, bold: str, plain: str, folder: Path) -> None:
        """Add the fonts of what the typeface lacks, in bold only where it is printed in bold."""
        fallback, shaped = ["latin-ext"], False
        for style, written in (("B", bold), ("", f"{bold} {plain}")):
            text = unicodedata.normalize("NFC", written)
            for script, points in scripts.of_text(text, faces.characters()):
                path = folder / f"{script.name}{style}.ttf"
                path.write_bytes(scripts.cut(script, faces.WEIGHTS[style], points))
                self.add_font(script.name, style, path)
                fallback = list(dict.fromkeys([*fallback, script.name]))
                shaped = shaped or script in scripts.SHAPED
                self.known |= points
        self.set_fallback_fonts(fallback, exact_match=False)
        # Only where it matters: it takes longer, and amounts need none.
        self.set_text_shaping(shaped)

    def fit(self, text: str) -> str:
        """The text in NFC (letters combined with their accents), with “?” for characters that no font has."""
        found = []
        for letter in unicodedata.normalize("NFC", text):
            if letter == "\n" or ord(letter) in self.known:
                found.append(letter)
            elif faces.is_seen(letter):
                self.lacks = True
                found.append(faces.LACKING)
            elif faces.is_blank(letter):
                found.append(" ")
        return "".join(found)

    def footer(self) -> None:
        self.set_y(-13)
        self.face(8, GRAY)
        # fpdf2 writes the number of pages in place of “{nb}” once it knows it.
        page = tr("page {page} of {pages}", page=self.page_no(), pages="{nb}")
        self.cell(0, 5, self.fit(f"{self.name} · {page}"), align=Align.C)

    def face(self, size: float, colour: Colour = INK, style: str = "") -> None:
        self.set_font("latin", style, size)
        self.set_text_color(*colour)

    def put(self, text: str, height: float, width: float = WIDTH) -> None:
        """Print the text from the left margin, broken into lines of `height` millimetres."""
        self.multi_cell(width, height, self.fit(text), align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def note_of_lacking(self) -> None:
        """Say at the end what “?” stands for, where one was printed."""
        if self.lacks:
            self.ln(4)
            self.face(8, GRAY)
            self.put(tr("“?” stands for characters that cannot be printed here."), 4.5)
