-- Names of headlines are kept as 16 bytes of their SHA-256 (names.rs fills the new table): in full they were most of the file. Whoever
-- deletes a headline deletes its names: a foreign key would look the headline up for each of them.
DROP INDEX alias_of_headline;
ALTER TABLE alias RENAME TO long_alias;
CREATE TABLE alias (
  name BLOB PRIMARY KEY,
  headline TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alias_of_headline ON alias (headline);

-- Since when a feed has been as it is.
ALTER TABLE feed ADD COLUMN since INTEGER;
