-- Extends a lock, or acquires it again if it has expired. Returns 1 if the caller holds it, else 0.
--
-- KEYS: the lock. ARGV: the owner id, and the TTL in milliseconds.

local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
