-- Removes a counted call that is not made.
--
-- KEYS: the list of calls. ARGV: the time at which the call was counted.

redis.call('LREM', KEYS[1], -1, ARGV[1])
