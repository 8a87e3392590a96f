//! Address filter of temporary links: host names resolve to public addresses only.

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

/// A resolver that returns only public addresses. The HTTP client connects to exactly these, so a later change of the
/// name (DNS rebinding) has no effect.
pub(crate) struct PublicResolver(pub Arc<dyn Resolve>);

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolving = self.0.resolve(name);
        Box::pin(async move {
            let public: Vec<_> = resolving.await?.filter(|address| is_public(address.ip())).collect();
            match public.is_empty() {
                true => Err(NoPublicAddress.into()),
                false => Ok(Box::new(public.into_iter()) as Addrs),
            }
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

    #[tokio::test]
    async fn resolver_returns_only_public_addresses() {
        let resolve = |name: &str| PublicResolver(Arc::new(Mixed)).resolve(name.parse().unwrap());
        let mixed: Vec<_> = resolve("mixed").await.unwrap().collect();
        assert_eq!(mixed, ["1.1.1.1:0".parse().unwrap()]);
        let error = resolve("private").await.err().unwrap();
        assert!(error.is::<NoPublicAddress>(), "{error}");
    }
}
