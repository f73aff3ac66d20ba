-- Finds requests that took a minute or longer (store::LONG_MS), which are few, without reading the others: they
-- may have been sent long before the windows of rolling limits, and still count in them.
create index event_long on event (at_ms) where duration_ms >= 60000;
