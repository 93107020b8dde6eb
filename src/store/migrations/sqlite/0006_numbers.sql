-- A headline is a row by its number (the key `h17` is number 17) that says itself where in the order of changes it stands, and how many
-- names it has. A name is a number, half of its hash of before, and those of the newest version stand with the headline, nine bytes each
-- (its kind, and the number); what a title tells is a number too. So a new headline is eight rows of trees in the place of fourteen.
-- names.rs makes the numbers of what stands in `alias` and `headline_by_key`, and drops those.
ALTER TABLE headline RENAME TO headline_by_key;
DROP INDEX headline_by_seen;
DROP INDEX headline_by_story;
CREATE TABLE headline (
  number INTEGER PRIMARY KEY,
  cursor INTEGER NOT NULL,
  names INTEGER NOT NULL DEFAULT 0,
  feed TEXT NOT NULL,
  seen INTEGER NOT NULL,
  version INTEGER NOT NULL,
  aliases BLOB NOT NULL,
  title TEXT NOT NULL,
  link TEXT,
  published INTEGER,
  updated INTEGER,
  summary TEXT,
  language TEXT,
  story INTEGER,
  also TEXT NOT NULL DEFAULT '',
  first_load INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO headline
  SELECT CAST(substr(key, 2) AS INTEGER), coalesce((SELECT cursor FROM change WHERE kind = 2 AND ref = key), 0),
    (SELECT count(*) FROM alias WHERE alias.headline = key), feed, seen, version, CAST(aliases AS BLOB), title, link, published,
    updated, summary, language, NULL, also, first_load
  FROM headline_by_key;
DELETE FROM change WHERE kind = 2;
CREATE INDEX headline_by_seen ON headline (seen);
CREATE INDEX headline_by_story ON headline (story) WHERE story IS NOT NULL;
CREATE INDEX headline_by_cursor ON headline (cursor);

-- Whoever deletes a headline deletes its names, once a day: no index keeps them together.
CREATE TABLE name (
  hash INTEGER PRIMARY KEY,
  headline INTEGER NOT NULL
) STRICT;

-- A picture starts with the incidents that ended last.
CREATE INDEX incident_by_end ON incident (ended, id) WHERE ended IS NOT NULL;
