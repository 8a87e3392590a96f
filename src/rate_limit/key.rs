//! Maps by what calls are counted under.

use std::hash::RandomState;

use hashbrown::hash_map::EntryRef;
use hashbrown::{Equivalent, HashMap};

use crate::store::WindowKey;

/// Values by [`WindowKey`]. Looking one up makes no copy of the key's texts.
pub(super) type Keyed<V> = HashMap<Key, V, RandomState>;

/// A [`WindowKey`] with texts of its own. Its fields have the order of the other's, so that both hash alike.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    app: Box<str>,
    tenant: Box<str>,
    endpoint: Box<str>,
}

/// The value under this key, which is made where there is none.
pub(super) fn get_or_insert<'a, V>(
    values: &'a mut Keyed<V>,
    key: &WindowKey<'_>,
    make: impl FnOnce() -> V,
) -> &'a mut V {
    match values.entry_ref(key) {
        EntryRef::Occupied(entry) => entry.into_mut(),
        EntryRef::Vacant(entry) => entry.insert_with_key(key.into(), make()),
    }
}

impl From<&WindowKey<'_>> for Key {
    fn from(key: &WindowKey<'_>) -> Self {
        Self {
            app: key.app.into(),
            tenant: key.tenant.into(),
            endpoint: key.endpoint.into(),
        }
    }
}

impl Equivalent<Key> for WindowKey<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        (self.app, self.tenant, self.endpoint) == (&*key.app, &*key.tenant, &*key.endpoint)
    }
}
