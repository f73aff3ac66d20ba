-- When Tacho ran, so that a stretch in which it did not is told from one in which nobody called. A restart goes on with
-- the run before it. `seen_ms` moves on while it runs: after a crash the end is known to within half a minute. In the
-- order in which they were noted, which is not that of time where a clock was set back; the newest 10,000 are kept.
create table run (
    run_id integer not null primary key,
    began_ms integer not null,
    seen_ms integer not null
) strict;
