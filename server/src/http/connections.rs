//! How many connections are open: in all, and from each address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Open connections by where they come from.
type Counts = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// What connections are held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Connections in all.
    pub most: usize,
    /// Connections from one address; 0 for any number.
    pub per_address: usize,
    /// Whether addresses of this machine are counted like others. Everybody behind a proxy on this machine
    /// comes from one of them.
    pub counts_loopback: bool,
    /// How long a connection may go without a request.
    pub idle: Duration,
    /// How long open requests may take once their connection is to be closed.
    pub drain: Duration,
}

/// Connections that are open.
#[derive(Debug)]
pub struct Connections {
    terms: Terms,
    room: Arc<Semaphore>,
    by_origin: Counts,
}

/// Room for one more connection, whoever makes it.
pub type ConnectionPermit = OwnedSemaphorePermit;

/// One open connection; it counts until this is dropped.
#[derive(Debug)]
pub struct OpenConnection {
    _room: ConnectionPermit,
    /// Where it comes from, if that is counted.
    counted: Option<(IpAddr, Counts)>,
}

impl Connections {
    /// None yet.
    pub fn new(terms: Terms) -> Self {
        Connections { terms, room: Arc::new(Semaphore::new(terms.most)), by_origin: Arc::default() }
    }

    /// Waits until there is room for one more.
    pub async fn room(&self) -> Option<ConnectionPermit> {
        self.room.clone().acquire_owned().await.ok()
    }

    /// Gives a connection from `address` its place; nothing when that has as many as it may.
    pub fn admit(&self, address: IpAddr, room: ConnectionPermit) -> Option<OpenConnection> {
        let address = address.to_canonical();
        if self.terms.per_address == 0 || address.is_loopback() && !self.terms.counts_loopback {
            return Some(OpenConnection { _room: room, counted: None });
        }
        let origin = origin(address);
        let mut open = self.by_origin.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(origin).or_default();
        if *count >= self.terms.per_address {
            return None;
        }
        *count += 1;
        Some(OpenConnection { _room: room, counted: Some((origin, self.by_origin.clone())) })
    }
}

/// What counts as one address: of IPv6 the first half, since whoever has one address there has all of them.
fn origin(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        let Some((origin, by_origin)) = self.counted.take() else { return };
        let mut open = by_origin.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&origin) {
            *count -= 1;
            if *count == 0 {
                open.remove(&origin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 200;
    const TERMS: Terms = Terms {
        most: MOST,
        per_address: 0,
        counts_loopback: true,
        idle: Duration::ZERO,
        drain: Duration::ZERO,
    };

    async fn admit(connections: &Connections, address: &str) -> Option<OpenConnection> {
        connections.admit(address.parse().unwrap(), connections.room().await.unwrap())
    }

    #[tokio::test]
    async fn an_address_has_as_many_as_it_may_until_one_is_closed() {
        let connections = Connections::new(Terms { per_address: 2, counts_loopback: false, ..TERMS });
        let first = admit(&connections, "192.0.2.1").await.unwrap();
        let second = admit(&connections, "192.0.2.1").await.unwrap();
        assert!(admit(&connections, "192.0.2.1").await.is_none());
        assert!(admit(&connections, "::ffff:192.0.2.1").await.is_none(), "the same address, written as IPv6");
        let other = admit(&connections, "192.0.2.2").await.unwrap();
        drop(first);
        let third = admit(&connections, "192.0.2.1").await.unwrap();
        assert!(admit(&connections, "192.0.2.1").await.is_none());
        drop((second, third, other));
        assert!(connections.by_origin.lock().unwrap().is_empty(), "addresses that have gone take no memory");
        assert_eq!(connections.room.available_permits(), MOST);
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_places_are_taken_the_next_connection_waits() {
        let connections = Connections::new(Terms { per_address: 0, counts_loopback: false, ..TERMS });
        let mut places = Vec::new();
        for _ in 0..MOST {
            places.extend(admit(&connections, "127.0.0.1").await);
        }
        assert_eq!(places.len(), MOST);
        let moment = Duration::from_secs(1);
        assert!(tokio::time::timeout(moment, connections.room()).await.is_err());
        places.pop();
        assert!(tokio::time::timeout(moment, connections.room()).await.is_ok());
    }

    #[tokio::test]
    async fn one_network_of_ipv6_is_one_address() {
        let connections = Connections::new(Terms { per_address: 1, counts_loopback: false, ..TERMS });
        let _first = admit(&connections, "2001:db8:0:1::1").await.unwrap();
        assert!(admit(&connections, "2001:db8:0:1:ffff::2").await.is_none());
        assert!(admit(&connections, "2001:db8:0:2::1").await.is_some());
    }

    #[tokio::test]
    async fn this_machine_is_counted_when_it_is_asked_for() {
        for (counts_loopback, taken) in [(false, 3), (true, 1)] {
            for address in ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"] {
                let connections = Connections::new(Terms { per_address: 1, counts_loopback, ..TERMS });
                let mut places = Vec::new();
                for _ in 0..3 {
                    places.extend(admit(&connections, address).await);
                }
                assert_eq!(places.len(), taken, "{address}");
            }
        }
        let unbounded = Connections::new(Terms { per_address: 0, counts_loopback: true, ..TERMS });
        let mut places = Vec::new();
        for _ in 0..100 {
            places.extend(admit(&unbounded, "192.0.2.1").await);
        }
        assert_eq!(places.len(), 100);
    }
}
