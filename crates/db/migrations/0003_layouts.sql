-- Which column of a list is meant by what, remembered by the headings of the list. A choice is never changed: a
-- new one is a new version of the same office and layout. Headings may hold what somebody typed into the first row
-- by mistake, so they are sealed; layout_index is a keyed hash of the folded headings.
CREATE TABLE layout_mappings (
    org_id {bigint} NOT NULL,
    layout_index TEXT NOT NULL,
    office_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    mapping_id {bigint} NOT NULL,
    mapping_sealed TEXT NOT NULL,
    chosen_by {bigint} NOT NULL,
    chosen_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, layout_index, office_id, version)
) {strict_clustered};

-- The layout that an office used last for one kind of list, to see what has changed since.
CREATE TABLE last_layouts (
    org_id {bigint} NOT NULL,
    office_id {bigint} NOT NULL,
    list_kind TEXT NOT NULL,
    layout_sealed TEXT NOT NULL,
    used_by {bigint} NOT NULL,
    used_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, office_id, list_kind)
) {strict_clustered};
