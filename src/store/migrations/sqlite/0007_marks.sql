-- What people say of incidents: each stays, also when its incident has ended. Until when, and up to which value, somebody has one in hand.
CREATE TABLE mark (
  id INTEGER PRIMARY KEY,
  incident TEXT NOT NULL,
  kind TEXT NOT NULL,
  by TEXT NOT NULL,
  at INTEGER NOT NULL,
  text TEXT NOT NULL,
  until INTEGER,
  above REAL,
  below REAL
) STRICT;
CREATE INDEX mark_on_incident ON mark (incident);
CREATE INDEX notice_of_incident ON notice (incident);
ALTER TABLE incident ADD COLUMN acknowledged_until INTEGER;
ALTER TABLE incident ADD COLUMN acknowledged_above REAL;
ALTER TABLE incident ADD COLUMN acknowledged_below REAL;
