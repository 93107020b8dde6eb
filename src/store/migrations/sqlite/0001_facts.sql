-- Facts. Instants are milliseconds since 1970, periods are indices of their cadence, hashes are hexadecimal.
-- Nothing here is deleted but headlines that are older than the configuration keeps them.

-- One row: the place of the newest commit, and how many headline keys were minted.
CREATE TABLE counter (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  cursor INTEGER NOT NULL,
  minted INTEGER NOT NULL
) STRICT;
INSERT INTO counter VALUES (1, 0, 0);

-- One row: who collects.
CREATE TABLE lease (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  holder TEXT NOT NULL,
  token INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT;

-- What changed, in order of commits: the newest place of each thing, so the table does not grow with checks.
CREATE TABLE change (
  kind INTEGER NOT NULL,
  ref TEXT NOT NULL,
  cursor INTEGER NOT NULL UNIQUE,
  PRIMARY KEY (kind, ref)
) STRICT, WITHOUT ROWID;

-- A series with the latest vintage of every period, dense: values are 64-bit little-endian floats (NaN where there is
-- none), statuses are bytes (0 for a gap).
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  route TEXT NOT NULL,
  measure TEXT NOT NULL,
  cadence TEXT NOT NULL,
  first INTEGER NOT NULL,
  vals BLOB NOT NULL,
  statuses BLOB NOT NULL,
  newest_known INTEGER,
  newest_how TEXT,
  learned INTEGER,
  UNIQUE (route, measure, cadence)
) STRICT;

CREATE TABLE batch (
  id INTEGER PRIMARY KEY,
  feed TEXT NOT NULL,
  at INTEGER NOT NULL,
  reply_hash TEXT NOT NULL,
  mapping_hash TEXT NOT NULL,
  void TEXT
) STRICT;
CREATE INDEX batch_of_reply ON batch (feed, reply_hash);

-- Every published version of every figure.
CREATE TABLE vintage (
  batch INTEGER NOT NULL REFERENCES batch (id),
  series INTEGER NOT NULL REFERENCES series (id),
  period INTEGER NOT NULL,
  known INTEGER NOT NULL,
  how TEXT NOT NULL,
  value REAL,
  status INTEGER NOT NULL,
  published INTEGER,
  PRIMARY KEY (batch, series, period)
) STRICT, WITHOUT ROWID;
CREATE INDEX vintage_of_series ON vintage (series, period);

CREATE TABLE headline (
  key TEXT PRIMARY KEY,
  feed TEXT NOT NULL,
  seen INTEGER NOT NULL,
  version INTEGER NOT NULL,
  aliases TEXT NOT NULL,
  title TEXT NOT NULL,
  link TEXT,
  published INTEGER,
  updated INTEGER,
  summary TEXT
) STRICT;
CREATE INDEX headline_by_seen ON headline (seen);

CREATE TABLE alias (
  name TEXT PRIMARY KEY,
  headline TEXT NOT NULL REFERENCES headline (key) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX alias_of_headline ON alias (headline);

-- One row a feed: how it stands, and what to remember for the next fetch.
CREATE TABLE feed (
  id TEXT PRIMARY KEY,
  checked INTEGER,
  success INTEGER,
  changed INTEGER,
  failures INTEGER NOT NULL,
  error TEXT,
  degraded TEXT,
  http_status INTEGER,
  latency_ms INTEGER,
  data_until TEXT,
  next_due INTEGER,
  belongs_to TEXT NOT NULL,
  etag TEXT,
  last_modified TEXT,
  reply_hash TEXT,
  went_back_to TEXT
) STRICT;

CREATE TABLE ledger (
  id INTEGER PRIMARY KEY,
  policy TEXT NOT NULL,
  known INTEGER NOT NULL,
  recorded INTEGER NOT NULL,
  status TEXT NOT NULL,
  due TEXT,
  reason TEXT,
  authority TEXT,
  source TEXT,
  first_load INTEGER NOT NULL
) STRICT;
CREATE INDEX ledger_of_policy ON ledger (policy);

CREATE TABLE incident (
  id TEXT PRIMARY KEY,
  rule TEXT NOT NULL,
  kind TEXT NOT NULL,
  rule_text TEXT NOT NULL,
  rule_hash INTEGER NOT NULL,
  subject TEXT NOT NULL,
  onset_first TEXT NOT NULL,
  onset TEXT NOT NULL,
  phase TEXT NOT NULL,
  severity TEXT NOT NULL,
  opened INTEGER NOT NULL,
  ended INTEGER,
  ended_how TEXT,
  value REAL,
  reason TEXT NOT NULL,
  decided_on INTEGER,
  provisional INTEGER NOT NULL,
  first_load INTEGER NOT NULL,
  acknowledged_by TEXT,
  acknowledged_at INTEGER,
  acknowledged_note TEXT
) STRICT;
CREATE UNIQUE INDEX one_open_incident ON incident (rule, subject) WHERE ended IS NULL;

CREATE TABLE notice (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  incident TEXT NOT NULL,
  event TEXT NOT NULL,
  severity TEXT NOT NULL,
  at INTEGER NOT NULL,
  text TEXT NOT NULL,
  told TEXT NOT NULL
) STRICT;

CREATE TABLE judgement (
  rule TEXT NOT NULL,
  subject TEXT NOT NULL,
  phase TEXT NOT NULL,
  period TEXT,
  verdict TEXT NOT NULL,
  critical INTEGER NOT NULL,
  partial INTEGER NOT NULL,
  value REAL,
  statistic REAL,
  bound REAL,
  reason TEXT NOT NULL,
  PRIMARY KEY (rule, subject)
) STRICT, WITHOUT ROWID;
