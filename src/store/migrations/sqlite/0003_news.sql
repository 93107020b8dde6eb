-- What headlines say more: the language, the story that titles of several feeds tell, the feeds that tell it too (a line each: feed,
-- tab, link), and whether the headline was there when its feed was first read.
ALTER TABLE headline ADD COLUMN language TEXT;
ALTER TABLE headline ADD COLUMN story TEXT;
ALTER TABLE headline ADD COLUMN also TEXT NOT NULL DEFAULT '';
ALTER TABLE headline ADD COLUMN first_load INTEGER NOT NULL DEFAULT 0;
CREATE INDEX headline_by_story ON headline (story) WHERE story IS NOT NULL;
