"""English texts that the code composes of the names of types, fields and relations. They are marked for the catalogues
here, since they stand nowhere as a whole, and translated where they are shown. A law holds them complete.
"""

from crm.foundation.language import later

TYPES = (
    (later("contact"), later("contacts"), later("a contact"), later("Contact")),
    (later("company"), later("companies"), later("a company"), later("Company")),
    (later("deal"), later("deals"), later("a deal"), later("Deal")),
    (later("order"), later("orders"), later("an order"), later("Order")),
    (later("product"), later("products"), later("a product"), later("Product")),
)
"""Singular, plural, with its article, and as the title of a record that has none begins."""

RELATED = (
    (later("line"), later("lines"), later("a line"), later("the same line")),
    (later("note"), later("notes"), later("a note"), later("the same note")),
    (later("the same contact"), later("the same company"), later("the same deal"), later("the same order")),
    (later("the same product"),),
)
"""Relations of filters."""

SAVED = (
    (later("a segment"), later("segments")),
    (later("saved view"), later("a saved view"), later("saved views")),
)

LABELS = (
    *(later("Name"), later("Email"), later("Phone"), later("Identifier"), later("City"), later("Country")),
    *(later("Company"), later("Contact"), later("Deal"), later("Blocked"), later("Owner"), later("Team")),
    *(later("Domain"), later("Description"), later("Title"), later("Pipeline"), later("Stage"), later("Status")),
    *(later("Value"), later("Currency"), later("Priority"), later("Source"), later("Expected close")),
    *(later("Close reason"), later("External id"), later("Paid on"), later("Note"), later("Active"), later("Labels")),
    *(later("SKU"), later("Sku"), later("Text"), later("Closed on"), later("Ordered on"), later("Closed")),
)

TARGETS = (later("pipeline"), later("stage"), later("close reason"))
"""Of references, in error messages."""

REQUIRED = (
    later("A company needs a name."),
    later("A deal needs a title."),
    later("A deal needs a currency."),
    later("An order needs a title."),
    later("An order needs a currency."),
    later("An order needs a status."),
    later("An order needs a source."),
    later("A product needs a name."),
)

AT_ONCE = (
    later("Set owner"),
    later("Set company"),
    later("{many} without an owner now."),
    later("{many} without a company now."),
    later("{many} blocked."),
    later("{many} unblocked."),
    later("Its company is in the bin now."),
    later("Its email belongs to another contact now."),
    later("Its phone belongs to another contact now."),
    later("Its identifier belongs to another contact now."),
    later("Its domain belongs to another company now."),
    later("Its identifier belongs to another deal now."),
    later("Its external id belongs to another order now."),
    later("Its stage is gone."),
    later("It was moved since."),
)
"""Bulk operations, and why one that is undone leaves a record as it is."""

ATTRIBUTE_TYPES = (
    *(later("text"), later("number"), later("currency"), later("percent"), later("link"), later("date")),
    *(later("list"), later("checkbox"), later("long text"), later("person")),
)

MOVED = (
    *(later("attachments"), later("contact labels"), later("company labels"), later("deal activity")),
    *(later("deal followers"), later("distinct pairs"), later("duplicates"), later("quotes"), later("links")),
)
"""What moves with a merge."""

ATTACHED = (
    *(later("checklists"), later("checklist items"), later("deal lines"), later("product prices"), later("notices")),
    *(later("stalls told"), later("webhook deliveries")),
)
"""What else may be attached to a record that an import made."""
