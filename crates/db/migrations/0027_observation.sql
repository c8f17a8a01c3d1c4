-- Questions instead of calls: who was asked, what came of it, who looked; signs of danger; when a case is looked at.

-- Answers are taken over in the order in which they were sent.
CREATE INDEX form_requests_answered ON form_requests (org_id, submitted_at, request_id) WHERE submitted_at IS NOT NULL;

-- When the program looks again whether somebody is asked how they are, and whether the case is over.
ALTER TABLE cases ADD COLUMN care_at {bigint};
CREATE INDEX cases_cared ON cases (org_id, care_at, case_id) WHERE care_at IS NOT NULL AND state = 'open';
-- Open cases at which nobody has looked yet. Where an index begins with a number of the whole installation or a time:
-- with the organisation in front SQLite would rather walk all of its rows.
CREATE INDEX cases_uncared ON cases (case_id) WHERE state = 'open' AND care_at IS NULL;

-- A case was asked with a form. A slot is what may be asked once: the first interview, the health of a day; so nobody
-- is asked twice on one day, whoever does it.
CREATE TABLE case_questions (
    org_id {bigint} NOT NULL,
    request_id {bigint} NOT NULL,
    case_id {bigint} NOT NULL,
    form_key TEXT NOT NULL,
    slot TEXT NOT NULL,
    message_id {bigint},
    asked_at {bigint} NOT NULL,
    answered_at {bigint},
    -- Nobody waits for the answer any more: somebody telephoned, a later one came, the case is over.
    ended_at {bigint},
    -- What the answer says: well, symptoms, danger.
    health TEXT,
    -- wanted: somebody has to look at the answer; done: somebody did.
    review TEXT,
    reviewed_by {bigint},
    reviewed_at {bigint},
    note_sealed TEXT,
    PRIMARY KEY (org_id, request_id)
) {strict_clustered};
CREATE UNIQUE INDEX case_questions_by_slot ON case_questions (case_id, slot);
CREATE INDEX case_questions_waiting ON case_questions (org_id, asked_at, case_id)
    WHERE answered_at IS NULL AND ended_at IS NULL;
CREATE INDEX case_questions_answered ON case_questions (org_id, answered_at, case_id) WHERE answered_at IS NOT NULL;
CREATE INDEX case_questions_to_review ON case_questions (review, answered_at, request_id) WHERE review = 'wanted';
CREATE INDEX case_questions_noted ON case_questions (reviewed_at) WHERE note_sealed IS NOT NULL;

-- A sign of danger in answers, also in those that were not sent: open until somebody says that it was handled.
CREATE TABLE case_alerts (
    org_id {bigint} NOT NULL,
    request_id {bigint} NOT NULL,
    code TEXT NOT NULL,
    case_id {bigint} NOT NULL,
    level TEXT NOT NULL,
    label TEXT NOT NULL,
    raised_at {bigint} NOT NULL,
    -- The person changed the answer to another; somebody looks all the same.
    cleared_at {bigint},
    handled_by {bigint},
    handled_at {bigint},
    note_sealed TEXT,
    PRIMARY KEY (org_id, request_id, code)
) {strict_clustered};
CREATE INDEX case_alerts_open ON case_alerts (raised_at, case_id) WHERE handled_at IS NULL;
CREATE INDEX case_alerts_by_time ON case_alerts (org_id, raised_at);
CREATE INDEX case_alerts_by_case ON case_alerts (case_id, handled_at);
CREATE INDEX case_alerts_noted ON case_alerts (handled_at) WHERE note_sealed IS NOT NULL;
