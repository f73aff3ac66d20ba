-- Addresses and signing secrets of channels, and the table `secret`, are sealed with a key that is kept outside of the
-- database. The one row holds a known value that is sealed, too, which tells whether a key is the right one. Without the
-- row they are still in clear; a program that knows this step seals them before it does anything else.
create table sealing (
    check_value text not null
) strict;
