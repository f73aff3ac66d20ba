-- Who has done what is kept for everything that administrators do, and for sign-ins and refused keys, not only for events.

alter table audit rename column event_id to subject;
alter table audit add column address text not null default '';
create index audit_action on audit (action, audit_id);

-- A person tells sessions apart by where they were opened, and with what.
alter table session add column address text not null default '';
alter table session add column agent text not null default '';

-- What a key says of its callers that they may not say otherwise, as `defaults` is written.
alter table api_key add column bound text not null default '{}';
