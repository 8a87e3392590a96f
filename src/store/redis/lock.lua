-- Takes a lock for so many milliseconds. Gives 1 where the caller has it, else 0.
--
-- KEYS: the lock. ARGV: a mark that nobody else uses, and the milliseconds.
-- Asked again with the same mark, for example because the answer got lost, it says the same.

if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return 1
end
return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0
