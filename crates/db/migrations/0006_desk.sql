-- The list desk: what a list is compared with, and what was decided about it.

-- A reference is the source system's own export: it is never sent, only compared with.
ALTER TABLE line_lists ADD COLUMN role TEXT NOT NULL DEFAULT 'list';
-- The reference beside this list, if one was given for it.
ALTER TABLE line_lists ADD COLUMN reference_id {bigint};
-- Which column each merge field is taken from, where its name is not the heading.
ALTER TABLE line_lists ADD COLUMN fields_sealed TEXT;

-- Every decision about a list; the newest of a kind holds, none is ever changed.
CREATE TABLE list_choices (
    org_id {bigint} NOT NULL,
    list_id {bigint} NOT NULL,
    choice_no {bigint} NOT NULL,
    choice_sealed TEXT NOT NULL,
    chosen_by {bigint} NOT NULL,
    chosen_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, list_id, choice_no)
) {strict_clustered};
