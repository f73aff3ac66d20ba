-- Limits learned from response headers: which bucket of the provider each is of, what was last said of it, and every
-- change of its amount.

-- Of a limit whose `scope_mode` is `pool`; empty for others, and where nothing tells.
alter table limit_rule add column organization text not null default '';
alter table limit_rule add column workspace text not null default '';
alter table limit_rule add column pool text not null default '';

-- One row per learned limit. The report is the newest word on what is left: a restart goes on from there.
create table learned_limit (
    limit_id text not null primary key,
    organization text not null,
    workspace text not null,
    pool text not null,
    limiter text not null,
    first_seen_ms integer not null,
    last_seen_ms integer not null,
    report_from_ms integer,
    report_to_ms integer,
    report_remaining integer,
    report_reset_ms integer
) strict, without rowid;

-- Amounts are in the kind's own unit; nothing came before the first. Rows outlive their limit, so that one that comes
-- back has its history.
create table limit_change (
    limit_id text not null,
    at_ms integer not null,
    revision integer not null,
    amount_before integer,
    amount_after integer not null,
    event_id text not null,
    primary key (limit_id, at_ms, revision)
) strict, without rowid;
