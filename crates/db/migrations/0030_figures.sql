-- What figures are counted from, so that no page has to read a million cases.

-- Since when so much of the first word was known for the first time; nothing until then, and nothing again once it
-- turned out to be somebody else's. Which of them counts as reached, the programme says.
ALTER TABLE cases ADD COLUMN first_arrived_at {bigint};
ALTER TABLE cases ADD COLUMN first_opened_at {bigint};
ALTER TABLE cases ADD COLUMN first_answered_at {bigint};
UPDATE cases SET first_arrived_at = contact_at,
    first_opened_at = CASE WHEN contact = 'delivered' THEN NULL ELSE contact_at END,
    first_answered_at = CASE WHEN contact IN ('delivered', 'opened') THEN NULL ELSE contact_at END
    WHERE contact IN ('delivered', 'opened', 'answered', 'spoken');

-- Who is not reached yet, by age: as long as what is left to do, whatever lies behind.
CREATE INDEX cases_unreached ON cases (org_id, received_at, office_id, programme_id, contact)
    WHERE state = 'open' AND contact IN ('waiting', 'written', 'unreached', 'calling');

-- What was counted of the cases that came in on a day in Japan, and of the work done on it. Derived: each row can be
-- counted anew from the cases at any time, and is, as long as something of its day may change.
CREATE TABLE figure_days (
    org_id {bigint} NOT NULL,
    day TEXT NOT NULL,
    counted_at {bigint} NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (org_id, day)
) {strict_clustered};
