"""A quote as a PDF, by fpdf2: A4, below the letterhead, in the texts and formats of one language."""

import io
import tempfile
import unicodedata
from decimal import Decimal
from pathlib import Path

from babel.dates import format_date
from babel.numbers import format_decimal
from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from crm.deals.quote import faces, scripts
from crm.deals.quote.arithmetic import gross
from crm.deals.quote.issuing import Quote, QuotedLine
from crm.foundation import money
from crm.foundation.language import speaking, tr
from crm.platform.letterhead import BLANK, Letterhead

GRAY, INK, RULE = (110, 116, 125), (24, 28, 34), (214, 218, 223)
WIDTH = 186
"""Millimetres of the page's 210 between the margins."""
LEAST = (8, 44, 16, 22, 18, 22)
"""The least widths of the columns in millimetres. Numbers take what they need, the items what is left."""
ITEM = 1
LOGO = (56, 24)
"""The largest logo, in millimetres."""
SMALLEST = 5.0
"""Points of the smallest letters, for numbers that would not fit beside each other."""


def printed(quote: Quote, workspace_name: str, locale: str, letterhead: Letterhead = BLANK) -> bytes:
    """The quote as a PDF, in the language of the locale, with page numbers and the table's header on each page.
    Characters that no font has are printed as “?”, and a note at the end says so; no line is left out for them. Takes
    some seconds in other scripts than Latin ones."""
    # Fonts are read from files until the page is written.
    with speaking(locale), tempfile.TemporaryDirectory(prefix="mallard-quote-") as folder:
        page = _Page(quote, locale, workspace_name, letterhead, Path(folder))
        page.head()
        page.lines()
        page.sums()
        page.closing()
        return bytes(page.output())


def file_name(quote: Quote) -> str:
    return f"quote-{quote.number}.pdf"


class _Page(FPDF):
    def __init__(self, quote: Quote, locale: str, workspace_name: str, letterhead: Letterhead, folder: Path) -> None:
        super().__init__(format="A4")
        self.quote, self.in_locale, self.workspace_name, self.letterhead = quote, locale, workspace_name, letterhead
        self.lacks = False
        self.known = faces.characters()
        for (part, style), path in faces.files().items():
            self.add_font(part, style, path)
        self._add_scripts(folder)
        self.set_margins(12, 14)
        self.set_auto_page_break(True, margin=18)
        self.set_title(self.fit(self.name))
        self.set_lang(locale.replace("_", "-"))
        # Not the moment of printing: a quote that is printed again is the same file.
        self.set_creation_date(quote.issued_at)
        self.add_page()

    @property
    def name(self) -> str:
        return tr("Quote {number}", number=self.quote.number)

    def _add_scripts(self, folder: Path) -> None:
        """Add the fonts of what the typeface lacks, in bold only where it is printed in bold."""
        quote, paper = self.quote, self.letterhead
        bold = f"{self.workspace_name} {quote.title}"
        plain = [*quote.texts, *paper.texts]
        fallback, shaped = ["latin-ext"], False
        for style, texts in (("B", [bold]), ("", [bold, *plain])):
            text = unicodedata.normalize("NFC", " ".join(texts))
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

    def face(self, size: float, colour: tuple[int, int, int] = INK, style: str = "") -> None:
        self.set_font("latin", style, size)
        self.set_text_color(*colour)

    def put(self, text: str, height: float, width: float = WIDTH) -> None:
        self.multi_cell(width, height, self.fit(text), align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def head(self) -> None:
        top, beside = self.get_y(), self.logo()
        self.face(18, style="B")
        self.put(self.workspace_name, 8, width=beside)
        self.face(9, GRAY)
        if self.letterhead.address:
            self.put(self.letterhead.address, 4.4, width=beside)
        if self.letterhead.tax_id:
            self.put(tr("Tax id: {tax_id}", tax_id=self.letterhead.tax_id), 4.4, width=beside)
        if self.letterhead != BLANK:
            self.set_y(max(self.get_y(), top + (LOGO[1] if beside < WIDTH else 0)) + 3)
            self.set_draw_color(*RULE)
            self.line(12, self.get_y(), 12 + WIDTH, self.get_y())
            self.ln(4)
        self.face(11, GRAY)
        self.put(self.name, 6)
        self.ln(4)
        self.face(13, style="B")
        self.put(self.quote.title, 6.5)
        self.ln(1)
        customer = [name for name in (self.quote.contact_name, self.quote.company_name) if name]
        facts = {
            tr("For"): ", ".join(customer),
            tr("From"): self.quote.issued_by_name,
            tr("Date"): str(format_date(self.quote.issued_on, "long", locale=self.in_locale)),
            tr("Valid until"): str(format_date(self.quote.valid_until, "long", locale=self.in_locale)),
        }
        for name, value in facts.items():
            if value:
                self.fact(name, value)
        self.ln(4)

    def fact(self, name: str, value: str) -> None:
        self.face(9.5, GRAY)
        self.cell(28, 5.2, self.fit(name))
        self.face(9.5)
        self.put(value, 5.2, WIDTH - 28)

    def logo(self) -> float:
        """Print the logo at the right; the width that is left beside it."""
        if self.letterhead.logo is None:
            return WIDTH
        left = 12 + WIDTH - LOGO[0]
        self.image(io.BytesIO(self.letterhead.logo), left, self.get_y(), *LOGO, keep_aspect_ratio=True)
        return WIDTH - LOGO[0] - 6

    def lines(self) -> None:
        heads = ("#", tr("Item"), tr("Quantity"), tr("Unit price"), tr("Discount"), tr("Total"))
        rows = [(str(number), *self.cells(line)) for number, line in enumerate(self.quote.lines, 1)]
        size, widths = self.columns([heads, *rows])
        self.face(size)
        self.set_draw_color(*RULE)
        with self.table(
            col_widths=widths,
            width=WIDTH,
            align=Align.L,
            text_align=("RIGHT", "LEFT", "RIGHT", "RIGHT", "RIGHT", "RIGHT"),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            line_height=4.6,
            padding=(1.4, 1),
            headings_style=FontFace(emphasis="BOLD", color=INK),
        ) as table:
            for row in (heads, *rows):
                table.row([self.fit(cell) for cell in row])

    def columns(self, rows: list[tuple[str, ...]]) -> tuple[float, list[float]]:
        """The size of the letters and the widths of the columns, so that no number is broken within."""
        size = 9.0
        while True:
            self.face(size, style="B")  # the header's; all else is narrower
            # The cells' padding, and a little for what was rounded.
            widths = [
                max(least, 2.5 + max(self.get_string_width(self.fit(row[column])) for row in rows))
                for column, least in enumerate(LEAST)
            ]
            widths[ITEM] = WIDTH - sum(widths) + widths[ITEM]
            if widths[ITEM] >= LEAST[ITEM] or size <= SMALLEST:
                widths[ITEM] = max(widths[ITEM], LEAST[ITEM])
                return size, widths
            size -= 0.5

    def cells(self, line: QuotedLine) -> tuple[str, ...]:
        code = self.quote.currency
        discount = ""
        if line.discount_kind == "percent":
            discount = f"{self.number(line.discount)} %"
        elif line.discount_kind == "fixed":
            discount = money.shown_exactly(line.discount, code, self.in_locale)
        return (
            f"{line.name}\n{line.sku}" if line.sku else line.name,
            self.number(line.quantity),
            money.shown_exactly(line.unit_price, code, self.in_locale),
            discount,
            self.amount(line.total),
        )

    def sums(self) -> None:
        before = sum(
            (money.rounded(gross(line.quantity, line.unit_price), self.quote.currency) for line in self.quote.lines),
            Decimal(0),
        )
        rows = [(tr("Total"), self.quote.total, "B", 11.5)]
        if before != self.quote.total:
            rows = [
                (tr("Before discounts"), before, "", 9.5),
                (tr("Discounts"), self.quote.total - before, "", 9.5),
                *rows,
            ]
        self.ln(3)
        # The sums stay together: a total alone on the last page reads as a mistake.
        if self.get_y() + 6.5 * len(rows) > self.page_break_trigger:
            self.add_page()
        for name, amount, style, size in rows:
            self.face(size, style=style)
            shown = self.fit(self.amount(amount))
            width = max(46.0, self.get_string_width(shown) + 2.5)
            self.set_x(12)
            self.cell(WIDTH - width, 6.5, self.fit(name), align=Align.R)
            self.cell(width, 6.5, shown, align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def closing(self) -> None:
        if self.quote.note:
            self.ln(5)
            self.face(9.5)
            self.put(self.quote.note, 5)
        if self.letterhead.terms:
            self.ln(5)
            self.face(9, style="B")
            self.put(tr("Terms"), 5)
            self.face(8.5)
            self.put(self.letterhead.terms, 4.4)
        if self.lacks:
            self.ln(4)
            self.face(8, GRAY)
            self.put(tr("“?” stands for characters that cannot be printed here."), 4.5)

    def amount(self, amount: Decimal) -> str:
        return money.shown(amount, self.quote.currency, self.in_locale)

    def number(self, number: Decimal) -> str:
        return str(format_decimal(number.normalize(), locale=self.in_locale, decimal_quantization=False))
