-- Callers work through the call list: the most urgent first, one person each, nobody dialled by two at a time.

-- case_id: whom of triage a call concerns. priority: higher first. due_at: the next attempt not before.
-- leased_by, leased_until: who has the person, and the person's number, to themselves, and until when.
ALTER TABLE calls ADD COLUMN case_id {bigint};
ALTER TABLE calls ADD COLUMN priority {bigint} NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN due_at {bigint};
ALTER TABLE calls ADD COLUMN tries {bigint} NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN leased_by {bigint};
ALTER TABLE calls ADD COLUMN leased_until {bigint};

-- attempt: what came of an attempt that left the call open; NULL there for attempts made before.
-- from_office_id: the call was handed over, and this office had it until then.
ALTER TABLE call_events ADD COLUMN attempt TEXT;
ALTER TABLE call_events ADD COLUMN from_office_id {bigint};

UPDATE calls SET tries = (SELECT COUNT(*) FROM call_events e
    WHERE e.org_id = calls.org_id AND e.call_id = calls.call_id AND e.outcome IS NULL);

DROP INDEX calls_open;
CREATE INDEX calls_open ON calls (org_id, priority DESC, added_at, call_id) WHERE closed_at IS NULL;
CREATE UNIQUE INDEX calls_by_case ON calls (org_id, case_id) WHERE case_id IS NOT NULL AND closed_at IS NULL;
CREATE INDEX calls_closed_of_cases ON calls (org_id, closed_at, call_id)
    WHERE case_id IS NOT NULL AND closed_at IS NOT NULL;
CREATE INDEX calls_leased ON calls (org_id, leased_by) WHERE leased_by IS NOT NULL;
