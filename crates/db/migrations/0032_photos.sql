-- Photos of applications. One row a picture that was taken in; its bytes stand sealed in parts beside it.
-- bytes: of picture and preview together, sealed. came_key: keyed hash of the bytes that came. print_sealed: what it
-- looks like, in 64 bits; nothing where there is nothing to see. hints: words, with blanks between them.
-- masked_at without masked_by: by the person, before it was sent. removed_at: another took its place, and it had been
-- seen by then. erased_at: its bytes are gone.
CREATE TABLE application_photos (
    org_id {bigint} NOT NULL,
    photo_id {bigint} NOT NULL,
    application_id {bigint} NOT NULL,
    rule TEXT NOT NULL,
    width {bigint} NOT NULL,
    height {bigint} NOT NULL,
    bytes {bigint} NOT NULL,
    came_key {bigint} NOT NULL,
    print_sealed TEXT,
    hints TEXT NOT NULL,
    masked_at {bigint},
    masked_by {bigint},
    added_at {bigint} NOT NULL,
    removed_at {bigint},
    erased_at {bigint},
    PRIMARY KEY (org_id, photo_id)
) {strict_clustered};
CREATE INDEX application_photos_by_application ON application_photos (org_id, application_id, photo_id);
CREATE INDEX application_photos_kept ON application_photos (org_id, added_at, photo_id) WHERE erased_at IS NULL;

-- size: 1 the picture, 2 its preview.
CREATE TABLE application_photo_parts (
    org_id {bigint} NOT NULL,
    photo_id {bigint} NOT NULL,
    size {bigint} NOT NULL,
    part_no {bigint} NOT NULL,
    part_sealed TEXT NOT NULL,
    PRIMARY KEY (org_id, photo_id, size, part_no)
) {strict_clustered};

-- Quarters of what a picture looks like, as keyed hashes: pictures that are nearly alike share one.
CREATE TABLE application_photo_bands (
    org_id {bigint} NOT NULL,
    band_index {bigint} NOT NULL,
    photo_id {bigint} NOT NULL,
    PRIMARY KEY (org_id, band_index, photo_id)
) {strict_clustered};
CREATE INDEX application_photo_bands_by_photo ON application_photo_bands (org_id, photo_id);

-- How much was taken in on a day of Japan's: what the disk is bounded by.
CREATE TABLE application_photo_days (
    org_id {bigint} NOT NULL,
    day {bigint} NOT NULL,
    photos {bigint} NOT NULL,
    bytes {bigint} NOT NULL,
    PRIMARY KEY (org_id, day)
) {strict_clustered};

-- Pictures that are under way, part by part over a poor line. mark_index: by what the browser knows its picture again.
CREATE TABLE application_uploads (
    org_id {bigint} NOT NULL,
    upload_id {bigint} NOT NULL,
    application_id {bigint} NOT NULL,
    rule TEXT NOT NULL,
    mark_index TEXT NOT NULL,
    bytes {bigint} NOT NULL,
    masked {bigint} NOT NULL,
    expires_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, upload_id)
) {strict_clustered};
CREATE INDEX application_uploads_by_application ON application_uploads (org_id, application_id, upload_id);
CREATE INDEX application_uploads_by_end ON application_uploads (org_id, expires_at);

CREATE TABLE application_upload_parts (
    org_id {bigint} NOT NULL,
    upload_id {bigint} NOT NULL,
    part_no {bigint} NOT NULL,
    part_sealed TEXT NOT NULL,
    PRIMARY KEY (org_id, upload_id, part_no)
) {strict_clustered};
