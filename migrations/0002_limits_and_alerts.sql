-- Limits, the state of their alerts, and the messages on their way out.
--
-- An alert's state, its history and its messages are written in the transaction of the event that crossed
-- the line, so a crash can neither lose a crossing nor invent one.

-- `amount` is in the kind's own unit (requests, tokens, nano-dollars, calls in flight).
-- `scope_mode` is `everything`, `one` (scope_value) or `each`.
create table limit_rule (
    id text not null primary key,
    name text not null,
    kind text not null,
    amount integer not null,
    scope_mode text not null,
    scope_dimension text not null,
    scope_value text not null,
    time_zone text,
    warn_percent integer not null,
    critical_percent integer not null,
    source text not null,
    enabled integer not null,
    revision integer not null,
    created_at_ms integer not null
) strict;

-- One row per limit, scope value and window; rolling windows have one permanent row with window_start_ms 0.
create table alert_instance (
    limit_id text not null,
    scope_value text not null,
    window_start_ms integer not null,
    window_end_ms integer not null,
    severity integer not null,
    sequence integer not null,
    episode integer not null,
    used integer not null,
    amount integer not null,
    limit_revision integer not null,
    below_since_ms integer,
    fired_at_ms integer,
    resolved_at_ms integer,
    closed_reason text,
    last_evaluated_ms integer not null,
    primary key (limit_id, scope_value, window_start_ms)
) strict, without rowid;

create index alert_instance_open on alert_instance (limit_id) where closed_reason is null;

-- Every change of severity, gapless per instance. Names and amounts are copied: they must stay readable after
-- the limit is gone.
create table alert_transition (
    limit_id text not null,
    scope_value text not null,
    window_start_ms integer not null,
    sequence integer not null,
    incident_key text not null,
    limit_name text not null,
    kind text not null,
    scope_dimension text not null,
    previous_severity integer not null,
    severity integer not null,
    reason text not null,
    used integer not null,
    amount integer not null,
    event_time_ms integer not null,
    detected_at_ms integer not null,
    primary key (limit_id, scope_value, window_start_ms, sequence)
) strict, without rowid;

create index alert_transition_time on alert_transition (detected_at_ms);

create table channel (
    id text not null primary key,
    kind text not null,
    name text not null,
    url text not null,
    secret text not null,
    enabled integer not null,
    disabled_reason text,
    failing_since_ms integer,
    created_at_ms integer not null
) strict;

-- The outbox. `body` is rendered once and sent as it is on every attempt.
create table delivery (
    id text not null primary key,
    channel_id text not null,
    message_id text not null,
    message_type text not null,
    incident_key text not null,
    subject text not null,
    body blob not null,
    state text not null,
    attempts integer not null,
    first_attempt_at_ms integer,
    next_attempt_at_ms integer,
    created_at_ms integer not null,
    -- FIFO per channel and incident.
    position integer not null
) strict;

create index delivery_due on delivery (channel_id, incident_key, position) where state = 'pending';
create index delivery_time on delivery (created_at_ms);
create index delivery_incident on delivery (incident_key, channel_id);

create table delivery_attempt (
    delivery_id text not null,
    number integer not null,
    at_ms integer not null,
    duration_ms integer not null,
    status integer,
    error text not null,
    response text not null,
    primary key (delivery_id, number)
) strict, without rowid;
