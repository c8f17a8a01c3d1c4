-- Long lists are read and kept in the background.

-- A list that is not kept whole yet. Its rows are in list_rows already, but line_lists does not know of it: nothing
-- can judge or send half a list. The row goes in the commit that puts the list into line_lists; what ended otherwise
-- stays, and says how.
CREATE TABLE list_imports (
    org_id {bigint} NOT NULL,
    list_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    file_name_sealed TEXT NOT NULL,
    bytes_total {bigint} NOT NULL,
    bytes_done {bigint} NOT NULL,
    rows_read {bigint} NOT NULL,
    rows_kept {bigint} NOT NULL,
    problems_sealed TEXT,
    started_by {bigint} NOT NULL,
    started_at {bigint} NOT NULL,
    -- The process that imports says so again and again; after a long silence it is gone.
    beat_at {bigint} NOT NULL,
    ended TEXT,
    ended_at {bigint},
    ended_by {bigint},
    refusal_sealed TEXT,
    PRIMARY KEY (org_id, list_id)
) {strict};
