"""A quote as a PDF, by fpdf2: A4, in the language and the number formats of the workspace's locale."""

import unicodedata
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal
from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from crm.deals.quote import faces
from crm.deals.quote.arithmetic import gross
from crm.deals.quote.issuing import Quote, QuotedLine
from crm.foundation import money

WORDS = {
    "en": {
        "quote": "Quote",
        "for": "For",
        "date": "Date",
        "until": "Valid until",
        "by": "From",
        "item": "Item",
        "quantity": "Quantity",
        "price": "Unit price",
        "discount": "Discount",
        "total": "Total",
        "subtotal": "Before discounts",
        "discounts": "Discounts",
        "page": "page",
        "of": "of",
        "lacking": "“?” stands for characters that cannot be printed here.",
    },
    "pt_BR": {
        "quote": "Orçamento",
        "for": "Para",
        "date": "Data",
        "until": "Válido até",
        "by": "De",
        "item": "Item",
        "quantity": "Quantidade",
        "price": "Preço unitário",
        "discount": "Desconto",
        "total": "Total",
        "subtotal": "Antes dos descontos",
        "discounts": "Descontos",
        "page": "página",
        "of": "de",
        "lacking": "“?” está no lugar de caracteres que não podem ser impressos aqui.",
    },
}
GRAY, INK, RULE = (110, 116, 125), (24, 28, 34), (214, 218, 223)
WIDTHS = (8, 76, 22, 28, 24, 28)
"""Widths of the columns in millimetres: 186 of the page's 210."""


def printed(quote: Quote, workspace_name: str, locale: str) -> bytes:
    """The quote as a PDF, with page numbers and the table's header on each page. Characters that the typeface lacks are
    printed as “?”, and a note at the end says so; no line is left out for them."""
    page = _Page(quote, WORDS.get(locale, WORDS["en"]), locale)
    page.head(workspace_name)
    page.lines()
    page.sums()
    page.closing()
    return bytes(page.output())


def file_name(quote: Quote) -> str:
    return f"quote-{quote.number}.pdf"


class _Page(FPDF):
    def __init__(self, quote: Quote, words: dict[str, str], locale: str) -> None:
        super().__init__(format="A4")
        self.quote, self.words, self.in_locale = quote, words, locale
        self.lacks = False
        for (part, style), path in faces.files().items():
            self.add_font(part, style, path)
        self.set_fallback_fonts(["latin-ext"])
        self.set_margins(12, 14)
        self.set_auto_page_break(True, margin=18)
        self.set_title(self.fit(f"{words['quote']} {quote.number}"))
        self.set_lang(locale.replace("_", "-"))
        # Not the moment of printing: a quote that is printed again is the same file.
        self.set_creation_date(quote.issued_at)
        self.add_page()

    def fit(self, text: str) -> str:
        """The text in NFC (letters combined with their accents), with “?” for characters that the typeface lacks."""
        known = faces.characters()
        found = []
        for letter in unicodedata.normalize("NFC", text):
            blank = letter in "\n\t" or unicodedata.category(letter) == "Zs"
            fits = letter == "\n" or ord(letter) in known or blank
            # Controls, format marks and loose accents print nothing: the note is not for them.
            self.lacks = self.lacks or not (fits or unicodedata.category(letter) in ("Cc", "Cf", "Mn"))
            found.append((letter if letter == "\n" or ord(letter) in known else " ") if fits else faces.LACKING)
        return "".join(found)

    def footer(self) -> None:
        self.set_y(-13)
        self.face(8, GRAY)
        pages = f"{self.words['page']} {self.page_no()} {self.words['of']} {{nb}}"
        footer = f"{self.words['quote']} {self.quote.number} · {pages}"
        self.cell(0, 5, self.fit(footer), align=Align.C)

    def face(self, size: float, colour: tuple[int, int, int] = INK, style: str = "") -> None:
        self.set_font("latin", style, size)
        self.set_text_color(*colour)

    def put(self, text: str, height: float, align: Align = Align.L) -> None:
        self.multi_cell(0, height, self.fit(text), align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def head(self, workspace_name: str) -> None:
        self.face(18, style="B")
        self.put(workspace_name, 8)
        self.face(11, GRAY)
        self.put(f"{self.words['quote']} {self.quote.number}", 6)
        self.ln(4)
        self.face(13, style="B")
        self.put(self.quote.title, 6.5)
        self.ln(1)
        customer = [name for name in (self.quote.contact_name, self.quote.company_name) if name]
        facts = {
            "for": ", ".join(customer),
            "by": self.quote.issued_by_name,
            "date": str(format_date(self.quote.issued_on, "long", locale=self.in_locale)),
            "until": str(format_date(self.quote.valid_until, "long", locale=self.in_locale)),
        }
        for name, value in facts.items():
            if value:
                self.fact(self.words[name], value)
        self.ln(4)

    def fact(self, name: str, value: str) -> None:
        self.face(9.5, GRAY)
        self.cell(28, 5.2, self.fit(name))
        self.face(9.5)
        self.put(value, 5.2)

    def lines(self) -> None:
        self.face(9)
        self.set_draw_color(*RULE)
        heads = ("#", *(self.words[name] for name in ("item", "quantity", "price", "discount", "total")))
        with self.table(
            col_widths=WIDTHS,
            width=sum(WIDTHS),
            align=Align.L,
            text_align=("RIGHT", "LEFT", "RIGHT", "RIGHT", "RIGHT", "RIGHT"),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            line_height=4.6,
            padding=(1.4, 1),
            headings_style=FontFace(emphasis="BOLD", color=INK),
        ) as table:
            table.row([self.fit(head) for head in heads])
            for number, line in enumerate(self.quote.lines, 1):
                table.row([self.fit(cell) for cell in (str(number), *self.cells(line))])

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
        rows = [("total", self.quote.total, "B", 11.5)]
        if before != self.quote.total:
            rows = [("subtotal", before, "", 9.5), ("discounts", self.quote.total - before, "", 9.5), *rows]
        self.ln(3)
        # The sums stay together: a total alone on the last page reads as a mistake.
        if self.get_y() + 6.5 * len(rows) > self.page_break_trigger:
            self.add_page()
        for name, amount, style, size in rows:
            self.face(size, style=style)
            self.set_x(12)
            self.cell(sum(WIDTHS) - 46, 6.5, self.fit(self.words[name]), align=Align.R)
            self.cell(46, 6.5, self.fit(self.amount(amount)), align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def closing(self) -> None:
        if self.quote.note:
            self.ln(5)
            self.face(9.5)
            self.put(self.quote.note, 5)
        if self.lacks:
            self.ln(4)
            self.face(8, GRAY)
            self.put(self.words["lacking"], 4.5)

    def amount(self, amount: Decimal) -> str:
        return money.shown(amount, self.quote.currency, self.in_locale)

    def number(self, number: Decimal) -> str:
        return str(format_decimal(number.normalize(), locale=self.in_locale, decimal_quantization=False))
