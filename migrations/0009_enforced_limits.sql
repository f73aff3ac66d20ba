-- A limit of one's own may be enforced: the proxy then refuses calls while it is exhausted.
alter table limit_rule add column enforce integer not null default 0;
