-- What the provider counts a call with (usage::EndpointClass): 0 messages, 1 count_tokens, 2 batches, 3 files, 4 agents, 5 other.
-- Events from before count as messages, as they did. Limits on requests say which they cover, as bits: 1 is messages.
alter table event add column endpoint_class integer not null default 0;

alter table limit_rule add column endpoints integer not null default 1;
