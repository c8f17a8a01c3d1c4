-- For which diseases a programme is, as names in a line; of those of whom no disease is told, one programme at most.
ALTER TABLE programmes ADD COLUMN diseases TEXT NOT NULL DEFAULT '';
ALTER TABLE programmes ADD COLUMN is_default {bigint} NOT NULL DEFAULT 0;
-- The examples that are there already: as when they are installed (triage/programmes). What an organisation wrote by itself
-- names no disease until somebody says which.
UPDATE programmes SET diseases = '新型コロナウイルス感染症、新型コロナウィルス感染症、新型コロナウイルス、新型コロナ、コロナ、COVID-19、COVID'
    WHERE example = 'covid19_2022';
UPDATE programmes SET diseases = '麻しん、麻疹、はしか'
    WHERE example = 'measles_contacts';
