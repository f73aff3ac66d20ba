-- The ledger: events as reported, and their rollups.
--
-- `event` is keyed time first, so that its primary key is also the time index and new rows land on warm
-- pages. Every table that grows is WITHOUT ROWID: the key is the table. Times are Unix milliseconds, money is
-- nano-dollars, and NULL means unknown, never 0.

-- One row per combination of dimension values, inserted once and named by a hash of the values.
-- `shape` says which dimensions the row keeps (see rollup::Shape); the others are empty.
-- `overflow` marks combinations beyond the cap on series: their events keep their own values, their rollups
-- are summed in one shared series per shape.
create table series (
    series_id integer not null primary key,
    shape integer not null,
    overflow integer not null,
    model text not null,
    project text not null,
    feature text not null,
    app_user text not null,
    api_key text not null,
    workspace text not null,
    organization text not null
) strict;

-- What only events carry: the session and free labels (a JSON object, keys sorted).
create table tagset (
    tagset_id integer not null primary key,
    session text not null,
    labels text not null
) strict;

create table event (
    at_ms integer not null,
    event_key blob not null,
    series_id integer not null,
    tagset_id integer not null,
    id text not null,
    digest integer not null,
    received_at_ms integer not null,
    at_assigned integer not null,
    duration_ms integer,
    ttft_ms integer,
    endpoint text not null,
    stream integer not null,
    status integer,
    error_kind text,
    error_code text,
    stop_reason text not null,
    max_tokens integer,
    attempt integer not null,
    input_tokens integer,
    cache_write_5m_tokens integer,
    cache_write_1h_tokens integer,
    cache_read_tokens integer,
    output_tokens integer,
    web_search_requests integer not null,
    iterations text,
    service_tier integer not null,
    fast integer not null,
    geo_us integer not null,
    cost_nano_usd integer,
    primary key (at_ms, event_key)
) strict, without rowid;

-- Finds an event by its id, whatever time the reporter gives on a second try. Ids that begin with their time
-- keep their order in `event_key`, so recent ones are neighbours.
create table event_identity (
    event_key blob not null primary key,
    at_ms integer not null
) strict, without rowid;

-- Rollups, one table per grain, written in the transaction of their events.
create table rollup_minute (
    shape integer not null,
    bucket_ms integer not null,
    series_id integer not null,
    requests integer not null,
    input_tokens integer not null,
    cache_write_5m_tokens integer not null,
    cache_write_1h_tokens integer not null,
    cache_read_tokens integer not null,
    output_tokens integer not null,
    cost_nano_usd integer not null,
    unpriced integer not null,
    unknown_usage integer not null,
    errors integer not null,
    throttled integer not null,
    web_search_requests integer not null,
    primary key (shape, bucket_ms, series_id)
) strict, without rowid;

create table rollup_hour (
    shape integer not null,
    bucket_ms integer not null,
    series_id integer not null,
    requests integer not null,
    input_tokens integer not null,
    cache_write_5m_tokens integer not null,
    cache_write_1h_tokens integer not null,
    cache_read_tokens integer not null,
    output_tokens integer not null,
    cost_nano_usd integer not null,
    unpriced integer not null,
    unknown_usage integer not null,
    errors integer not null,
    throttled integer not null,
    web_search_requests integer not null,
    primary key (shape, bucket_ms, series_id)
) strict, without rowid;

create table rollup_day (
    shape integer not null,
    bucket_ms integer not null,
    series_id integer not null,
    requests integer not null,
    input_tokens integer not null,
    cache_write_5m_tokens integer not null,
    cache_write_1h_tokens integer not null,
    cache_read_tokens integer not null,
    output_tokens integer not null,
    cost_nano_usd integer not null,
    unpriced integer not null,
    unknown_usage integer not null,
    errors integer not null,
    throttled integer not null,
    web_search_requests integer not null,
    primary key (shape, bucket_ms, series_id)
) strict, without rowid;

-- Items that were refused: that they came and why, never what they held. Kept to the newest 1,000.
create table refusal (
    refusal_id integer not null primary key,
    received_at_ms integer not null,
    api_key_public text not null,
    code text not null,
    message text not null
) strict;
