-- An address list that waits for a second person: broadcast_id is 0 then.
ALTER TABLE export_requests ADD COLUMN desk_id {bigint};
ALTER TABLE export_requests ADD COLUMN delivery_id {bigint};
