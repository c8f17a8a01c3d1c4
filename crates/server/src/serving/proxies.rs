//! Where a request comes from: the connection's own address, or what a proxy says that the operator named.
//!
//! Anybody can write a header. So `X-Forwarded-For` counts only on connections from a trusted proxy, and is
//! read from its end, which that proxy wrote, back to the first address that is no proxy of ours; what
//! stands before was written by strangers. `Forwarded`, `X-Real-IP` and their kin are never read (ASVS 4.1.3).

use std::net::{IpAddr, SocketAddr};

use accounts::SourceAddress;
use axum::http::HeaderMap;
use base::address_range::AddressRange;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies of this installation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct TrustedProxies(Vec<AddressRange>);

impl TrustedProxies {
    pub(crate) fn new(ranges: Vec<AddressRange>) -> Self {
        Self(ranges)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(address))
    }

    /// The address behind a request that came over a connection from `peer`.
    pub(crate) fn source(&self, peer: IpAddr, headers: &HeaderMap) -> SourceAddress {
        let mut source = peer;
        let lines = headers.get_all(FORWARDED_FOR).into_iter().rev();
        let mut hops = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        while self.trusts(source) {
            // A hop that cannot be read ends the chain of what is known.
            match hops.next().and_then(address_of) {
                Some(before) => source = before,
                None => break,
            }
        }
        SourceAddress(source.to_canonical())
    }
}

/// `192.0.2.1`, `2001:db8::1`, and with a port, as some proxies write it: `192.0.2.1:50000`, `[2001:db8::1]:50000`.
fn address_of(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop
        .strip_prefix('[')
        .and_then(|hop| hop.strip_suffix(']'))
        .unwrap_or(hop);
    let with_port = || hop.parse().ok().map(|address: SocketAddr| address.ip());
    bare.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;
    use axum::http::HeaderValue;

    fn source(trusted: &[&str], peer: &str, lines: &[&str]) -> String {
        let ranges = trusted.iter().map(|range| range.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        let SourceAddress(source) = TrustedProxies::new(ranges).source(peer.parse().unwrap(), &headers);
        source.to_string()
    }

    const PROXIES: &[&str] = &["192.0.2.0/28", "2001:db8:1::/48"];

    #[test]
    fn a_stranger_who_writes_the_header_stays_who_he_is() {
        for trusted in [&[][..], PROXIES] {
            assert_eq!(source(trusted, "203.0.113.9", &["10.0.0.1"]), "203.0.113.9");
        }
        assert_eq!(source(&[], "127.0.0.1", &["10.0.0.1"]), "127.0.0.1");
    }

    #[test]
    fn behind_proxies_it_is_the_last_address_that_is_none_of_them() {
        assert_eq!(source(PROXIES, "192.0.2.1", &["198.51.100.7"]), "198.51.100.7");
        // What stands further left was sent along by the client.
        assert_eq!(
            source(PROXIES, "192.0.2.1", &["10.0.0.1, 198.51.100.7"]),
            "198.51.100.7"
        );
        assert_eq!(
            source(PROXIES, "192.0.2.1", &["10.0.0.1", "198.51.100.7,192.0.2.2"]),
            "198.51.100.7"
        );
        assert_eq!(
            source(PROXIES, "::ffff:192.0.2.1", &["2001:db8:2::7"]),
            "2001:db8:2::7"
        );
        assert_eq!(
            source(PROXIES, "2001:db8:1::1", &["[2001:db8:2::7]:4711"]),
            "2001:db8:2::7"
        );
        assert_eq!(
            source(PROXIES, "192.0.2.1", &["198.51.100.7:4711"]),
            "198.51.100.7"
        );
        assert_eq!(
            source(PROXIES, "192.0.2.1", &["[2001:db8:2::7]"]),
            "2001:db8:2::7"
        );
    }

    #[test]
    fn a_chain_that_breaks_off_ends_at_the_last_proxy_that_is_known() {
        assert_eq!(source(PROXIES, "192.0.2.1", &[]), "192.0.2.1");
        assert_eq!(source(PROXIES, "192.0.2.1", &["192.0.2.2"]), "192.0.2.2");
        for unreadable in [
            "unknown",
            "",
            "198.51.100.7, _hidden",
            "198.51.100.7 é",
            "198.51.100.7,,",
        ] {
            assert_eq!(
                source(PROXIES, "192.0.2.1", &[unreadable]),
                "192.0.2.1",
                "{unreadable}"
            );
        }
    }
}
