-- The links that an application was begun with, found when it is sent or never finished.

CREATE INDEX link_people_by_application ON link_people (org_id, application_id) WHERE application_id IS NOT NULL;
