-- What the proxy knows of a call that nobody else does: how it ended (0 complete, 1 the caller went away, 2 the answer
-- broke off, 3 the API could not be reached), and whether its output is an estimate.
alter table event add column outcome integer not null default 0;
alter table event add column estimated integer not null default 0;

-- Random bytes that never leave this database: fingerprints of API keys are made with them.
create table secret (
    name text not null primary key,
    bytes blob not null
) strict;
