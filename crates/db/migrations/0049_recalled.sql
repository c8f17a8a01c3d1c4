-- When nobody was to be written to any more while the message was being handed over: if it comes back, it does not
-- leave again. NULL for everything else.

ALTER TABLE messages ADD COLUMN recalled_at {bigint};
