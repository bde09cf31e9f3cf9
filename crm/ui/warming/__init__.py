"""Reads what a click will show while the pointer rests on its link, card or pager, or at the press at the latest."""
