-- Searches compare plain letters, and neither apostrophes nor hyphens: “soren” finds Søren, “davila” finds D’Ávila.
UPDATE base.contacts
SET search = replace(replace(replace(replace(translate(strip_accents(lower(search)), 'øłđðħı''’‘‛ʼ´`′-‐‑‒–—−', 'olddhi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
WHERE search <> replace(replace(replace(replace(translate(strip_accents(lower(search)), 'øłđðħı''’‘‛ʼ´`′-‐‑‒–—−', 'olddhi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
UPDATE base.companies
SET search = replace(replace(replace(replace(translate(strip_accents(lower(search)), 'øłđðħı''’‘‛ʼ´`′-‐‑‒–—−', 'olddhi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
WHERE search <> replace(replace(replace(replace(translate(strip_accents(lower(search)), 'øłđðħı''’‘‛ʼ´`′-‐‑‒–—−', 'olddhi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
UPDATE base.deals
SET search = replace(replace(replace(replace(translate(strip_accents(lower(search)), 'øłđðħı''’‘‛ʼ´`′-‐‑‒–—−', 'olddhi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
WHERE search <> replace(replace(replace(replace(translate(strip_accents(lower(search)), 'øłđðħı''’‘‛ʼ´`′-‐‑‒–—−', 'olddhi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
UPDATE base.orders
SET search = replace(replace(replace(replace(translate(strip_accents(lower(search)), 'øłđðħı''’‘‛ʼ´`′-‐‑‒–—−', 'olddhi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
WHERE search <> replace(replace(replace(replace(translate(strip_accents(lower(search)), 'øłđðħı''’‘‛ʼ´`′-‐‑‒–—−', 'olddhi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
UPDATE base.products
SET search = replace(replace(replace(replace(translate(strip_accents(lower(search)), 'øłđðħı''’‘‛ʼ´`′-‐‑‒–—−', 'olddhi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
WHERE search <> replace(replace(replace(replace(translate(strip_accents(lower(search)), 'øłđðħı''’‘‛ʼ´`′-‐‑‒–—−', 'olddhi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
