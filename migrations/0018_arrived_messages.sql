-- When a message last arrived is told while Tacho is being set up, every second: it is found without reading the attempts.
create index delivery_attempt_arrived on delivery_attempt (at_ms) where error = '';
