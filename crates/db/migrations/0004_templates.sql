-- Templates of before are live, in no folder, for the first touch, with an address allowed, in Japanese only.
ALTER TABLE message_templates ADD COLUMN folder TEXT NOT NULL DEFAULT '';

-- What changes what is sent belongs to the version; days are written 2026-11-22 and are days in Japan.
ALTER TABLE message_template_versions ADD COLUMN purpose TEXT NOT NULL DEFAULT 'first_touch';
ALTER TABLE message_template_versions ADD COLUMN stage TEXT NOT NULL DEFAULT 'live';
ALTER TABLE message_template_versions ADD COLUMN links TEXT NOT NULL DEFAULT 'allowed';
ALTER TABLE message_template_versions ADD COLUMN valid_from TEXT;
ALTER TABLE message_template_versions ADD COLUMN valid_until TEXT;

-- The texts beside the Japanese one, which stays in the version.
CREATE TABLE message_template_texts (
    org_id {bigint} NOT NULL,
    template_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    language TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (org_id, template_id, version, language)
) {strict_clustered};

-- What the organisation has decided about the advice on its texts, as JSON; the newest version holds.
CREATE TABLE advice_settings (
    org_id {bigint} NOT NULL,
    version {bigint} NOT NULL,
    settings TEXT NOT NULL,
    saved_by {bigint} NOT NULL,
    saved_at {bigint} NOT NULL,
    PRIMARY KEY (org_id, version)
) {strict};
