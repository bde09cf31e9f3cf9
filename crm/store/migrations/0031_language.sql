-- The language that a person reads, such as pt_BR. NULL: not chosen yet, the workspace's is theirs.
ALTER TABLE base.users ADD COLUMN language VARCHAR;
