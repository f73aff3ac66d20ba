-- What is drawn of a stretch of time is what happened in it, however late it was detected: the latest before a time are
-- found without reading what came after.
create index alert_transition_happened on alert_transition (event_time_ms, detected_at_ms, sequence);
