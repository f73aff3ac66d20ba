-- Who may do what. Only hashes are stored: a copy of the database opens no door.

create table api_key (
    public text not null primary key,
    hash blob not null,
    scope text not null,
    name text not null,
    -- Dimension values that fill what an event leaves out, as a JSON object.
    defaults text not null,
    created_at_ms integer not null,
    revoked_at_ms integer,
    last_used_at_ms integer
) strict;

-- That a first start has greeted: it is done once, when the start has succeeded.
create table greeting (
    at_ms integer not null primary key
) strict;

-- One-time links that open a session.
create table sign_in (
    hash blob not null primary key,
    expires_at_ms integer not null
) strict, without rowid;

create table session (
    hash blob not null primary key,
    created_at_ms integer not null,
    last_used_at_ms integer not null
) strict, without rowid;
