//! What a client keeps for each tenant or user, bounded.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How many entries there may be before it is looked for some that nobody needs.
const FEW: usize = 256;

/// One value for each key. Values that are idle and that nobody holds are dropped as others come.
pub(super) struct Keyed<T>(Mutex<Entries<T>>);

struct Entries<T> {
    map: HashMap<Arc<str>, Arc<T>>,
    prune_at: usize,
}

impl<T> Default for Keyed<T> {
    fn default() -> Self {
        Self(Mutex::new(Entries {
            map: HashMap::new(),
            prune_at: FEW,
        }))
    }
}

impl<T> Keyed<T> {
    /// The value of this key, made if there is none.
    pub(super) fn get(&self, key: &str, make: impl FnOnce(&Arc<str>) -> T, idle: impl Fn(&T) -> bool) -> Arc<T> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = entries.map.get(key) {
            return Arc::clone(value);
        }
        if entries.map.len() >= entries.prune_at {
            // With the lock held nobody else can get hold of a value that only the map holds.
            entries
                .map
                .retain(|_, value| Arc::strong_count(value) > 1 || !idle(value));
            entries.prune_at = FEW.max(2 * entries.map.len());
        }
        let key: Arc<str> = key.into();
        let value = Arc::new(make(&key));
        entries.map.insert(key, Arc::clone(&value));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_values_that_nobody_holds_are_dropped_as_others_come() {
        let keyed = Keyed::<usize>::default();
        let held = keyed.get("held", |_| 0, |_| true);
        for number in 1..10_000 {
            // The value 7 is not idle.
            keyed.get(&number.to_string(), |_| number, |value| *value != 7);
        }
        let entries = keyed.0.lock().unwrap();
        assert!(entries.map.len() <= FEW, "{}", entries.map.len());
        assert!(Arc::ptr_eq(&entries.map["held"], &held));
        assert!(entries.map.contains_key("7"));
    }
}
