-- What the proxy knows of a call that nobody else does: how it ended (0 complete, 1 the caller went away, 2 the answer
-- broke off, 3 the API could not be reached), whether its output is an estimate, and what policies did with it (as
-- bits: 1 queue, 2 retry, 4 cache, 8 cooldown, 16 enforce). A call that Tacho has answered itself is in no rollup.
alter table event add column outcome integer not null default 0;
alter table event add column estimated integer not null default 0;
alter table event add column policies integer not null default 0;
alter table event add column waited_ms integer;
alter table event add column answered_here integer not null default 0;

-- What policies have done is counted from this alone. A queue sees every call; those that it let through at once are
-- left out.
create index event_policy on event (at_ms, policies, answered_here, status, waited_ms, series_id, tagset_id)
where policies > 0 and (policies <> 1 or waited_ms > 0 or answered_here = 1);

-- Random bytes that never leave this database: fingerprints of API keys are made with them.
create table secret (
    name text not null primary key,
    bytes blob not null
) strict;
