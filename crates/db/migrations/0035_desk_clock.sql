-- Who was told what from which list, one row each, never taken away. decision_no: 0 for what was sent back.
-- returned_at: the broadcast was discarded before the message left; the person was told nothing after all.
CREATE TABLE application_tellings (
    org_id {bigint} NOT NULL,
    list_id {bigint} NOT NULL,
    application_id {bigint} NOT NULL,
    decision_no {bigint} NOT NULL,
    outcome TEXT NOT NULL,
    told_at {bigint} NOT NULL,
    broadcast_id {bigint},
    message_id {bigint},
    call_id {bigint},
    returned_at {bigint},
    PRIMARY KEY (org_id, list_id, application_id)
) {strict_clustered};
CREATE INDEX application_tellings_of_one ON application_tellings (org_id, application_id, told_at, list_id);

-- settled_at: what became of the list's broadcast can take nobody back any more.
ALTER TABLE outcome_lists ADD COLUMN settled_at {bigint};
CREATE INDEX outcome_lists_open ON outcome_lists (org_id, list_id) WHERE broadcast_id IS NOT NULL AND settled_at IS NULL;

-- For the figures of a period.
CREATE INDEX application_decisions_by_time ON application_decisions (org_id, decided_at);
