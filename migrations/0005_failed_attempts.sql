-- How many attempts have failed since `failing_since_ms`: a channel is switched off after so many, over all of its
-- deliveries.
alter table channel add column failed_attempts integer not null default 0;
