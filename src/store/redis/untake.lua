-- Takes back a call that was counted and is not made.
--
-- KEYS: the list of the calls. ARGV: when it was counted, as the script that did so said.

redis.call('LREM', KEYS[1], -1, ARGV[1])
