-- Who has named a learned limit, and when last: a JSON object from `proxy` or `key:` and the public part of a key to Unix
-- milliseconds. A key holds so many limits, and can only have its own make room for more. Nobody is known to have named
-- what was learned before: it makes room for whoever needs it, until it is named again.
alter table learned_limit add column named_by text not null default '{}';
