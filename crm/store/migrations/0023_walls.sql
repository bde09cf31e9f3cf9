-- What a kept answer asked of its caller, and the records that it tells of: asked again before it is given again.
-- Answers from before do not say, and are given no more.
ALTER TABLE base.idempotency_keys ADD COLUMN guard VARCHAR;

-- Whether viewers see everything while owner-based privacy is on, or only what is of their teams.
ALTER TABLE base.workspace ADD COLUMN viewers_see_all BOOLEAN DEFAULT false;

-- Names of files lose the signs that nobody sees, those that turn the direction of writing among them.
UPDATE base.uploads
SET file_name = coalesce(
    nullif(
        trim(regexp_replace(
            file_name,
            '[\x00-\x1f\x7f-\x9f\x{ad}\x{61c}\x{200b}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{feff}]',
            '',
            'g'
        )),
        ''
    ),
    'file'
)
WHERE regexp_matches(
    file_name,
    '[\x00-\x1f\x7f-\x9f\x{ad}\x{61c}\x{200b}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{feff}]'
);
