-- What of a broadcast had left before its reservation was moved to another day: it counts in its month, not on the new
-- day.
ALTER TABLE part_reservations ADD COLUMN left_before {bigint} NOT NULL DEFAULT 0;
DROP INDEX part_reservations_by_day;
CREATE INDEX part_reservations_by_day
    ON part_reservations (org_id, day, office_id, training, parts, cost, given_back, left_before);
