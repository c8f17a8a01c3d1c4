-- Links by which somebody applies at a desk, known by the link and their birth date.

-- desk_id: the page is an application desk; its links are /i/… and everybody's is their own.
ALTER TABLE link_targets ADD COLUMN desk_id {bigint};

-- For whom such a link is. person_sealed: birth date, name and kana of the row, until it is used. reached_by: the message
-- whose number is the person's: another one once a wrong number was put right.
CREATE TABLE link_people (
    org_id {bigint} NOT NULL,
    message_id {bigint} NOT NULL,
    target_id {bigint} NOT NULL,
    reached_by {bigint} NOT NULL,
    person_sealed TEXT NOT NULL,
    tries {bigint} NOT NULL,
    application_id {bigint},
    PRIMARY KEY (org_id, message_id, target_id)
) {strict_clustered};
CREATE INDEX link_people_reached ON link_people (org_id, reached_by);
