-- Besides those of 0020, case_keys has the kind 15: number + name, within a programme; a twin too (bit 16 of case_twins.why).

-- What an office says that the columns of its case lists hold, where nobody knows the heading.
CREATE TABLE case_columns (
    org_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    heading_index TEXT NOT NULL,
    read_as TEXT NOT NULL,
    chosen_by {bigint} NOT NULL,
    chosen_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, office_id, heading_index)
) {strict_clustered};
