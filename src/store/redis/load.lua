-- Returns a value and its TTL in milliseconds. KEYS: its key.

return { redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1]) }
