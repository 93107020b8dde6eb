-- What is remembered between two fetches more: what a person should know of a feed though nothing is wrong, the address that was asked,
-- before when it does not want to be asked, where it has moved for good, the address that its page led to, and how seldom and at which
-- hours its document wants to be asked.
ALTER TABLE feed ADD COLUMN note TEXT;
ALTER TABLE feed ADD COLUMN asked_of TEXT NOT NULL DEFAULT '';
ALTER TABLE feed ADD COLUMN not_before INTEGER;
ALTER TABLE feed ADD COLUMN moved_to TEXT;
ALTER TABLE feed ADD COLUMN found TEXT;
ALTER TABLE feed ADD COLUMN ttl INTEGER;
ALTER TABLE feed ADD COLUMN skip_hours INTEGER NOT NULL DEFAULT 0;
