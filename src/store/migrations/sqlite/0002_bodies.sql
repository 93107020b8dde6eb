-- Bodies of replies, compressed (raw deflate): of each feed the last good one, and one that waits for a person to accept it.
-- `address` is a hash: the address itself may hold secrets.
CREATE TABLE body (
  feed TEXT NOT NULL,
  held INTEGER NOT NULL,
  address TEXT NOT NULL,
  reply_hash TEXT NOT NULL,
  fetched INTEGER NOT NULL,
  content_type TEXT,
  last_modified TEXT,
  size INTEGER NOT NULL,
  packed BLOB NOT NULL,
  PRIMARY KEY (feed, held)
) STRICT;

-- The reply that a person accepted last, of each feed.
CREATE TABLE accepted (
  feed TEXT PRIMARY KEY,
  reply_hash TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How many figures the last good reply gave, the reply that waits, and how many batches were void when the row was written.
ALTER TABLE feed ADD COLUMN figures INTEGER;
ALTER TABLE feed ADD COLUMN held TEXT;
ALTER TABLE feed ADD COLUMN voids INTEGER NOT NULL DEFAULT 0;

-- Asked at every poll.
CREATE INDEX void_batch ON batch (feed) WHERE void IS NOT NULL;
