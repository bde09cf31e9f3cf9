"""A quote as a PDF, by fpdf2: A4, below the letterhead, in the texts and formats of one language."""

import io
import tempfile
from decimal import Decimal
from pathlib import Path

from babel.dates import format_date
from babel.numbers import format_decimal
from fpdf.enums import Align, TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from crm.deals.quote.arithmetic import gross
from crm.deals.quote.issuing import Quote, QuotedLine
from crm.foundation import money
from crm.foundation.language import speaking, tr
from crm.platform.letterhead import BLANK, Letterhead
from crm.platform.printing.page import GRAY, INK, LEFT, RULE, WIDTH, Page

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
        page = _Quote(quote, locale, workspace_name, letterhead, Path(folder))
        page.head()
        page.lines()
        page.sums()
        page.closing()
        return bytes(page.output())


def file_name(quote: Quote) -> str:
    return f"quote-{quote.number}.pdf"


class _Quote(Page):
    def __init__(self, quote: Quote, locale: str, workspace_name: str, letterhead: Letterhead, folder: Path) -> None:
        self.quote, self.workspace_name, self.letterhead = quote, workspace_name, letterhead
        bold, plain = (workspace_name, quote.title), (*quote.texts, *letterhead.texts)
        super().__init__(tr("Quote {number}", number=quote.number), locale, bold, plain, folder)
        # Not the moment of printing: a quote that is printed again is the same file.
        self.set_creation_date(quote.issued_at)
        self.add_page()

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
            self.line(LEFT, self.get_y(), LEFT + WIDTH, self.get_y())
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
        left = LEFT + WIDTH - LOGO[0]
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
            self.set_x(LEFT)
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
        self.note_of_lacking()

    def amount(self, amount: Decimal) -> str:
        return money.shown(amount, self.quote.currency, self.in_locale)

    def number(self, number: Decimal) -> str:
        return str(format_decimal(number.normalize(), locale=self.in_locale, decimal_quantization=False))
