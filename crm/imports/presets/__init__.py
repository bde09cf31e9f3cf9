"""Exports of products that people come from, recognised by their headers."""

from collections.abc import Iterable

from crm.imports.fields import plain
from crm.imports.presets import google, hubspot, outlook, pipedrive
from crm.imports.presets.model import Preset

PRESETS: tuple[Preset, ...] = (*hubspot.PRESETS, *pipedrive.PRESETS, *google.PRESETS, *outlook.PRESETS)

__all__ = ["PRESETS", "Preset", "recognised"]


def recognised(header: Iterable[str]) -> Preset | None:
    """The preset whose signs the header has, all of them; of several, the one with most."""
    words = {plain(name) for name in header}
    fitting = [preset for preset in PRESETS if words.issuperset(preset.signs)]
    return max(fitting, key=lambda preset: len(preset.signs), default=None)
