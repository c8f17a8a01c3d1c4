-- 1: which message it tells follows from a decision; nobody chooses it for a list.
ALTER TABLE message_templates ADD COLUMN follows {bigint} NOT NULL DEFAULT 0;
