//! A store behind an `Arc` is that store: so several clients share one, and a program can choose one at run time.

use std::sync::Arc;
use std::time::Duration;

use super::{
    Lease, LoginStore, Pending, StoreError, StoredLogin, StoredToken, Taken, TokenStore, WindowKey, WindowStore,
};
use crate::endpoint::Window;

impl<S: TokenStore + ?Sized> TokenStore for Arc<S> {
    fn load<'a>(&'a self, name: &'a str) -> Pending<'a, Result<Option<StoredToken>, StoreError>> {
        (**self).load(name)
    }

    fn save<'a>(&'a self, name: &'a str, token: &'a StoredToken) -> Pending<'a, Result<(), StoreError>> {
        (**self).save(name, token)
    }

    fn lock<'a>(&'a self, name: &'a str, longest: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        (**self).lock(name, longest)
    }
}

impl<S: LoginStore + ?Sized> LoginStore for Arc<S> {
    fn load<'a>(&'a self, user: &'a str) -> Pending<'a, Result<Option<StoredLogin>, StoreError>> {
        (**self).load(user)
    }

    fn save<'a>(&'a self, user: &'a str, login: &'a StoredLogin) -> Pending<'a, Result<(), StoreError>> {
        (**self).save(user, login)
    }

    fn lock<'a>(&'a self, user: &'a str, longest: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        (**self).lock(user, longest)
    }
}

impl<S: WindowStore + ?Sized> WindowStore for Arc<S> {
    fn take<'a>(&'a self, key: WindowKey<'a>, windows: &'a [Window]) -> Pending<'a, Result<Taken, StoreError>> {
        (**self).take(key, windows)
    }

    fn pause<'a>(&'a self, key: WindowKey<'a>, duration: Duration) -> Pending<'a, Result<(), StoreError>> {
        (**self).pause(key, duration)
    }
}
