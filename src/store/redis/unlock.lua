-- Gives a lock back, unless it has expired and is another's by now.
--
-- KEYS: the lock. ARGV: the mark that it was taken with.

if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
