//! Address filter of temporary links: host names resolve to public addresses only.
//!
//! The filter judges the host of the link. If a proxy is in between, the HTTP client resolves the name of the proxy, which may be
//! private, and the proxy resolves that of the link.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Returns whether an address is on the public internet. Private, loopback, link-local, carrier-shared and reserved
/// addresses are not, nor are addresses that embed such an address of the other family.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        // This network; carrier-grade NAT; protocol assignments; 6to4 relays; benchmarking; multicast, reserved and
        // broadcast.
        (0, ..) | (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (198, 18..=19, _) | (224.., ..) => true,
        _ => address.is_private() || address.is_loopback() || address.is_link_local() || address.is_documentation(),
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, high, low] = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b, c, d, e, f) {
        // Unspecified, loopback, IPv4-mapped and IPv4-compatible; NAT64 including the local-use prefix; 6to4.
        (0, 0, 0, 0, 0, 0) if high == 0 => false,
        (0, 0, 0, 0, 0, 0 | 0xffff) | (0, 0, 0, 0, 0xffff, 0) | (0x64, 0xff9b, 0, 0, 0, 0) => v4(high, low),
        (0x64, 0xff9b, ..) => false,
        (0x2002, ..) => v4(b, c),
        // All public addresses are in 2000::/3; unique local, link-local, site-local and multicast are not. Teredo is,
        // but embeds an IPv4 address.
        (0x2001, 0, ..) => false,
        // Documentation.
        (0x2001, 0xdb8, ..) | (0x3fff, 0..=0xfff, ..) => false,
        _ => a & 0xe000 == 0x2000,
    }
}

/// None of the addresses of a host name is public.
#[derive(Debug)]
pub(crate) struct NoPublicAddress;

impl fmt::Display for NoPublicAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host name has no public address")
    }
}

impl std::error::Error for NoPublicAddress {}

/// Returns whether a host name cannot be public: `localhost`, names without a dot and those of domains that are reserved for
/// private networks. Other names can be judged by their addresses only.
pub(crate) fn is_private_name(name: &str) -> bool {
    const DOMAINS: [&str; 6] = ["localhost", "localdomain", "local", "internal", "lan", "home.arpa"];
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let is_below = |domain: &str| {
        let rest = name.strip_suffix(domain);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    !name.contains('.') || DOMAINS.into_iter().any(is_below)
}

/// Returns whether the environment or the operating system may have a proxy for the HTTP client.
pub(crate) fn environment_may_have_proxy() -> bool {
    const VARIABLES: [&str; 6] = [
        "ALL_PROXY",
        "all_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
    ];
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    // These systems have settings of their own.
    cfg!(any(windows, target_vendor = "apple")) || VARIABLES.into_iter().any(is_set)
}

tokio::task_local! {
    /// The host of the link that the task requests.
    static LINK_HOST: String;
}

/// Runs a request to this host of a link, whose address is filtered.
pub(crate) async fn with_link_host<F: Future>(host: &str, request: F) -> F::Output {
    LINK_HOST.scope(host.to_owned(), request).await
}

/// Returns whether a name is that of a proxy: the HTTP client resolves the host of the link, or that of a proxy in its place.
fn is_proxy(name: &str) -> bool {
    let differs = LINK_HOST.try_with(|host| !host.eq_ignore_ascii_case(name));
    // A connection that is made outside of a request counts as direct.
    differs.unwrap_or(false)
}

/// The resolver of the HTTP client for links.
///
/// For the host of a link it returns only public addresses. The HTTP client connects to exactly these, so a later change of the
/// name (DNS rebinding) has no effect.
pub(crate) struct LinkResolver {
    pub resolver: Arc<dyn Resolve>,
    /// Whether all addresses are allowed.
    pub allow_private: bool,
    /// Whether the HTTP client may connect to a proxy.
    pub may_use_proxy: bool,
}

impl Resolve for LinkResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        let proxy = (self.may_use_proxy && is_proxy(name.as_str())).then(|| name.as_str().to_owned());
        let resolving = self.resolver.resolve(name);
        Box::pin(async move {
            if let Some(proxy) = proxy {
                // The error of the HTTP client has only the host of the link.
                return resolving
                    .await
                    .map_err(|error| format!("proxy {proxy}: {error}").into());
            }
            let allowed = resolving
                .await?
                .filter(|address| allow_private || is_public(address.ip()));
            let allowed: Vec<_> = allowed.collect();
            if allowed.is_empty() && !allow_private {
                return Err(NoPublicAddress.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// The resolver of the operating system.
pub(crate) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let resolved = tokio::task::spawn_blocking(move || -> io::Result<Vec<SocketAddr>> {
                Ok((name.as_str(), 0).to_socket_addrs()?.collect())
            });
            let addresses = resolved.await.map_err(io::Error::other)??;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_public_addresses() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.167.255.255",
            "198.17.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2400:3200::1",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2002:101:101::1",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn rejects_special_purpose_addresses() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
        ] {
            let address: Ipv4Addr = address.parse().unwrap();
            assert!(!is_public(address.into()), "{address}");
            for prefix in ["::ffff:", "::", "64:ff9b::", "::ffff:0:"] {
                let within: Ipv6Addr = format!("{prefix}{address}").parse().unwrap();
                assert!(!is_public(within.into()), "{within}");
            }
            let [a, b, c, d] = address.octets();
            let tunnelled: Ipv6Addr = format!("2002:{a:02x}{b:02x}:{c:02x}{d:02x}::1").parse().unwrap();
            assert!(!is_public(tunnelled.into()), "{tunnelled}");
        }
        for address in [
            "::",
            "::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "64:ff9b:1::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "5f00::1",
            "::1:0",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    struct Mixed;

    impl Resolve for Mixed {
        fn resolve(&self, name: Name) -> Resolving {
            let mut addresses = vec!["127.0.0.1:0".parse(), "[::ffff:10.0.0.1]:0".parse()];
            if name.as_str() == "mixed" {
                addresses.push("1.1.1.1:0".parse());
            }
            Box::pin(async move { Ok(Box::new(addresses.into_iter().flatten()) as Addrs) })
        }
    }

    fn resolver(may_use_proxy: bool) -> LinkResolver {
        LinkResolver {
            resolver: Arc::new(Mixed),
            allow_private: false,
            may_use_proxy,
        }
    }

    #[tokio::test]
    async fn resolver_returns_only_public_addresses() {
        let resolve = |name: &str| resolver(true).resolve(name.parse().unwrap());
        let mixed: Vec<_> = resolve("mixed").await.unwrap().collect();
        assert_eq!(mixed, ["1.1.1.1:0".parse().unwrap()]);
        let error = resolve("private").await.err().unwrap();
        assert!(error.is::<NoPublicAddress>(), "{error}");
    }

    #[tokio::test]
    async fn resolver_does_not_filter_the_proxy() {
        for (host, may_use_proxy, is_resolved) in [
            ("files.example", true, true),
            ("files.example", false, false),
            ("PROXY", true, false),
        ] {
            let resolving = async { resolver(may_use_proxy).resolve("proxy".parse().unwrap()).await };
            let resolved = with_link_host(host, resolving).await;
            assert_eq!(resolved.is_ok(), is_resolved, "{host} {may_use_proxy}");
        }
    }

    #[test]
    fn judges_names_of_private_networks() {
        for name in [
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "intranet",
            "printer.local",
            "metadata.google.internal",
            "router.home.arpa",
            "",
        ] {
            assert!(is_private_name(name), "{name}");
        }
        for name in [
            "files.example",
            "files.example.",
            "local.example",
            "notlocal.com",
            "xinternal.net",
        ] {
            assert!(!is_private_name(name), "{name}");
        }
    }
}
