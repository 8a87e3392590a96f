-- Releases a lock unless it has expired and another owner holds it.
--
-- KEYS: the lock. ARGV: the owner id.

if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
