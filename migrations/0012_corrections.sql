-- Events can be deleted and put right: who did so, and what stood there before, is kept.

-- `before` and `after` are the event as JSON, in the words in which it can be posted; nothing comes after a deletion.
-- Kept to the newest 20,000.
create table audit (
    audit_id integer not null primary key,
    at_ms integer not null,
    key_public text not null,
    key_name text not null,
    action text not null,
    event_id text not null,
    project text not null,
    before text not null,
    after text
) strict;

-- What the reporter of an event said that was deleted or put right since: when it is sent again it is known, and does
-- not come back.
alter table event_identity add column first_digest integer;

-- The projects there are: an id is unique within one, so who gives an id alone is looked up in each.
create index series_project on series (project) where shape = 3;
