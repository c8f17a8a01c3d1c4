-- A programme may belong to one office, as to a contractor: whoever is taken in for it is that office's, wherever they
-- were notified. Who said so, and when.
ALTER TABLE programmes ADD COLUMN owner_office {bigint};
ALTER TABLE programmes ADD COLUMN owner_set_by {bigint};
ALTER TABLE programmes ADD COLUMN owner_set_at {bigint};
-- Open cases of a programme at an office, to be counted and handed over together.
CREATE INDEX cases_of_programme ON cases (programme_id, office_id, case_id) WHERE state = 'open';

-- Whether a reply has been given to the office that looks after its person: messages know no cases.
ALTER TABLE replies ADD COLUMN is_placed {bigint} NOT NULL DEFAULT 0;
CREATE INDEX replies_unplaced ON replies (org_id, reply_id) WHERE is_placed = 0;
