-- A text and how many milliseconds it stays. KEYS: its name.

return { redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1]) }
