-- Acquires a lock. Returns 1 if the caller holds it, else 0.
--
-- KEYS: the lock. ARGV: a unique owner id, and the TTL in milliseconds.
-- Idempotent for the same owner, so it can be retried if the response was lost.

if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return 1
end
return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0
