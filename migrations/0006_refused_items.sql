-- Of a body with many wrong items one row per reason is kept, with how many there were: the count on the page is true
-- however large the body was.
alter table refusal add column items integer not null default 1;
