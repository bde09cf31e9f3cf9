-- Browsers in which somebody signed in before: guesses elsewhere do not lock them out there. Only a hash is kept.
CREATE TABLE base.known_browsers (
    token_hash VARCHAR NOT NULL,
    user_id BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (token_hash, user_id)
);

-- What a person's authenticator counts from, sealed with the key beside the store. `set_up_at` is NULL until a first
-- code was right; `waiting_seed` is one that would replace it. `last_step`: no code up to that moment counts again.
CREATE TABLE base.second_factors (
    user_id BIGINT PRIMARY KEY,
    seed VARCHAR,
    set_up_at TIMESTAMPTZ,
    last_step BIGINT NOT NULL,
    waiting_seed VARCHAR
);
CREATE TABLE base.recovery_codes (
    code_hash VARCHAR PRIMARY KEY,
    user_id BIGINT NOT NULL
);

-- When the person last proved in this session who they are. NULL: sessions from before, and those that an organisation
-- vouched for without asking anew.
ALTER TABLE base.sessions ADD COLUMN confirmed_at TIMESTAMPTZ;

-- Roles that must have a second factor, with spaces between.
ALTER TABLE base.workspace ADD COLUMN second_factor_roles VARCHAR DEFAULT '';
