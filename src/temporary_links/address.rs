//! Which addresses a link may lead to: what is given to names is looked at before anything connects to it.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Whether this is an address on the public internet. All that is private, local to a host or a link, shared by a
/// carrier, reserved, or stands for such an address of the other family, is not.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        // This network; carriers' own; protocol assignments; relays of 6to4; measurements; multicast, reserved and broadcast.
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
        // Unspecified, loopback, mapped and compatible; translated by NAT64, the prefix for local use included; 6to4.
        (0, 0, 0, 0, 0, 0) if high == 0 => false,
        (0, 0, 0, 0, 0, 0 | 0xffff) | (0, 0, 0, 0, 0xffff, 0) | (0x64, 0xff9b, 0, 0, 0, 0) => v4(high, low),
        (0x64, 0xff9b, ..) => false,
        (0x2002, ..) => v4(b, c),
        // What is public today lies here. Unique local, link-local, site-local and multicast lie elsewhere; Teredo lies
        // here, and hides an address of the other family.
        (0x2001, 0, ..) => false,
        // For examples.
        (0x2001, 0xdb8, ..) | (0x3fff, 0..=0xfff, ..) => false,
        _ => a & 0xe000 == 0x2000,
    }
}

/// No address of a name is on the public internet.
#[derive(Debug)]
pub(crate) struct NoPublicAddress;

impl fmt::Display for NoPublicAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name has no address on the public internet")
    }
}

impl std::error::Error for NoPublicAddress {}

/// Gives the HTTP client nothing but public addresses. It connects to what it is given here and asks nobody else, so a
/// name that means something else a moment later leads nowhere.
pub(crate) struct PublicOnly(pub Arc<dyn Resolve>);

impl Resolve for PublicOnly {
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
pub(crate) struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let asked = tokio::task::spawn_blocking(move || -> io::Result<Vec<SocketAddr>> {
                Ok((name.as_str(), 0).to_socket_addrs()?.collect())
            });
            let addresses = asked.await.map_err(io::Error::other)??;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_on_the_public_internet_are_public() {
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
    fn addresses_of_a_host_a_network_or_a_carrier_are_not() {
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
    async fn of_the_addresses_of_a_name_the_public_ones_are_given() {
        let resolve = |name: &str| PublicOnly(Arc::new(Mixed)).resolve(name.parse().unwrap());
        let mixed: Vec<_> = resolve("mixed").await.unwrap().collect();
        assert_eq!(mixed, ["1.1.1.1:0".parse().unwrap()]);
        let error = resolve("private").await.err().unwrap();
        assert!(error.is::<NoPublicAddress>(), "{error}");
    }
}
