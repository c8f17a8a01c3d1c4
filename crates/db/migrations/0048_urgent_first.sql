-- The people at the front of a broadcast who go before everything else of their office that is not urgent: up to this
-- message. NULL when there are none, or when they have been handed over.

ALTER TABLE broadcasts ADD COLUMN urgent_to {bigint};
