-- For which diseases a programme is, as names in a line; of those of whom no disease is told, one programme at most.
ALTER TABLE programmes ADD COLUMN diseases TEXT NOT NULL DEFAULT '';
ALTER TABLE programmes ADD COLUMN is_default {bigint} NOT NULL DEFAULT 0;
