-- What of an event could not be taken as it was given: a name that was cut, attribution or usage that could not be
-- read. A JSON array of {"code", "field"}; NULL, as for nearly all events, where there is nothing to remark.
alter table event add column remarks text;

create index event_remark on event (at_ms, remarks) where remarks is not null;
