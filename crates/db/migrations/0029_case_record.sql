-- One person's record: the course that the period is computed from, closing with its day, who took a case over, and who
-- has a record open.

-- What care finds out and the notification does not say (place, relief, negative test), sealed.
ALTER TABLE cases ADD COLUMN course_sealed TEXT;
-- From which day in Japan on nothing is to be done any more.
ALTER TABLE cases ADD COLUMN closed_day TEXT;
-- Since when another office's case waits to be seen by the office that it was handed over to; NULL once it was seen.
ALTER TABLE cases ADD COLUMN arrived_at {bigint};
-- With the organisation in front SQLite would rather walk all of its rows.
CREATE INDEX cases_arrived ON cases (office_id, arrived_at, case_id) WHERE arrived_at IS NOT NULL;

-- Who has the form of a record open: forgotten after a while, and when they save.
CREATE TABLE case_openings (
    org_id {bigint} NOT NULL,
    case_id {bigint} NOT NULL,
    staff_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    opened_at {bigint} NOT NULL,
    seen_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, case_id, staff_id)
) {strict_clustered};
CREATE INDEX case_openings_by_time ON case_openings (seen_at);
