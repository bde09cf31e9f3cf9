"""Paper: what printed documents share, by fpdf2: the page, its typeface, and fonts for every other script."""
