-- Incidents: what reached the wrong person, which broadcasts share the cause, and everything that was done about it.

CREATE TABLE incidents (
    org_id {bigint} NOT NULL,
    incident_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    state TEXT NOT NULL,
    -- How it became known: staff, recipient, by_hand.
    way TEXT NOT NULL,
    opened_at {bigint} NOT NULL,
    opened_by {bigint},
    PRIMARY KEY (org_id, incident_id)
) {strict};

-- The broadcasts that share the cause. One that had people waiting was stopped (stopped_at), and stays so until the
-- incident has decided about it.
CREATE TABLE incident_broadcasts (
    org_id {bigint} NOT NULL,
    incident_id {bigint} NOT NULL,
    broadcast_id {bigint} NOT NULL,
    stopped_at {bigint},
    decided_at {bigint},
    PRIMARY KEY (org_id, incident_id, broadcast_id)
) {strict_clustered};
CREATE INDEX incident_broadcasts_by_broadcast ON incident_broadcasts (broadcast_id, org_id);

-- Reports, notes, decisions and changes of state; never changed.
CREATE TABLE incident_events (
    org_id {bigint} NOT NULL,
    incident_id {bigint} NOT NULL,
    event_no {bigint} NOT NULL,
    at {bigint} NOT NULL,
    staff_id {bigint},
    action TEXT NOT NULL,
    message_id {bigint},
    broadcast_id {bigint},
    detail_sealed TEXT,
    PRIMARY KEY (org_id, incident_id, event_no)
) {strict_clustered};
