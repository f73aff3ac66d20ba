//! Webhook addresses that lead inside: every kind of address that is not public, in every spelling that a browser's rules
//! for URLs know, told to a Tacho that others can reach.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::json;
use server::clock::Clock;
use tokio::net::TcpListener;

use crate::harness::tacho::{NOON_MS, Tacho};

/// One of each kind of IPv4 address that nobody out there has.
const V4: [[u8; 4]; 18] = [
    [127, 0, 0, 1],
    [127, 255, 255, 254],
    [0, 0, 0, 0],
    [0, 1, 2, 3],
    [10, 0, 0, 1],
    [172, 16, 0, 1],
    [172, 31, 255, 255],
    [192, 168, 1, 1],
    [169, 254, 169, 254],
    [100, 64, 0, 1],
    [100, 127, 255, 255],
    [192, 0, 0, 1],
    [192, 0, 2, 1],
    [198, 18, 0, 1],
    [203, 0, 113, 1],
    [224, 0, 0, 1],
    [240, 0, 0, 1],
    [255, 255, 255, 255],
];

/// The same of IPv6.
const V6: [&str; 16] = [
    "::1",
    "::",
    "fe80::1",
    "febf::1",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "2001::1",
    "100::1",
    "5f00::1",
    "3fff::1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
];

const NAMES: [&str; 14] = [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "localhost.localdomain",
    "ip6-localhost",
    "metadata",
    "metadata.google.internal",
    "instance-data",
    "printer.local",
    "intranet",
    "db.internal",
    "router.home.arpa",
    "kubernetes.default.svc.cluster.local",
];

/// The ways to write an IPv4 address.
fn spellings(bytes: [u8; 4]) -> Vec<String> {
    let [a, b, c, d] = bytes;
    let whole = u32::from_be_bytes(bytes);
    let low = u32::from_be_bytes([0, b, c, d]);
    let lower = u16::from_be_bytes([c, d]);
    let wide: String = Ipv4Addr::from(bytes)
        .to_string()
        .chars()
        .map(|digit| digit.to_digit(10).and_then(|digit| char::from_u32(0xff10 + digit)).unwrap_or(digit))
        .collect();
    let mapped = Ipv4Addr::from(bytes).to_ipv6_mapped().segments();
    vec![
        format!("{a}.{b}.{c}.{d}"),
        format!("{a}.{b}.{c}.{d}."),
        format!("{whole}"),
        format!("0x{whole:x}"),
        format!("0X{whole:X}"),
        format!("0{whole:o}"),
        format!("{a}.{low}"),
        format!("{a}.{b}.{lower}"),
        format!("0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("{a}.0x{low:x}"),
        format!("000{a:o}.{b}.{c}.{d}"),
        format!("%3{a}.{b}.{c}.{d}"),
        wide,
        format!("{a}。{b}。{c}。{d}"),
        format!("[::ffff:{a}.{b}.{c}.{d}]"),
        format!("[::ffff:{:x}:{:x}]", mapped[6], mapped[7]),
        format!("[0:0:0:0:0:FFFF:{a}.{b}.{c}.{d}]"),
        format!("[::{a}.{b}.{c}.{d}]"),
        format!("[64:ff9b::{a}.{b}.{c}.{d}]"),
        format!("[2002:{:x}:{:x}::]", mapped[6], mapped[7]),
    ]
}

fn hosts() -> Vec<String> {
    let v6 = V6.iter().flat_map(|address| {
        let address: Ipv6Addr = address.parse().expect("an address");
        let long: Vec<String> = address.segments().iter().map(|segment| format!("{segment:04X}")).collect();
        [format!("[{address}]"), format!("[{}]", long.join(":"))]
    });
    V4.into_iter().flat_map(spellings).chain(v6).chain(NAMES.map(str::to_owned)).collect()
}

#[tokio::test]
async fn nothing_inside_is_an_address_for_a_webhook() {
    // Somebody who must hear nothing.
    let inside = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = inside.local_addr().expect("an address").port();
    let behind_tls = [("TACHO_PUBLIC_URL", "https://tacho.example.com")];
    let tacho = Tacho::with(Clock::manual(NOON_MS), &behind_tls).await;
    let admin = tacho.admin.at(&format!("http://{}", tacho.address()));
    let hosts = hosts();
    let mut cases = 0;
    for host in &hosts {
        for url in [
            format!("https://{host}/"),
            format!("http://{host}:{port}/x"),
            format!("HTTPS:\\\\{host}:{port}\\x"),
        ] {
            let refused = admin.post("/v1/channels", &json!({ "name": "a", "url": url })).await;
            assert_eq!(refused.status, 400, "{url}: {}", refused.text);
            let code = refused.code();
            assert!(
                ["address_refused", "https_required", "invalid_url"].contains(&code.as_str()),
                "{url}: {code}"
            );
            cases += 1;
        }
    }
    assert_eq!(admin.get("/v1/channels").await.json(), json!([]));
    let heard =
        std::future::poll_fn(|context| std::task::Poll::Ready(inside.poll_accept(context).is_ready())).await;
    assert!(!heard, "somebody inside was connected to");
    println!("{} hosts, {cases} addresses", hosts.len());
    assert!(hosts.len() > 400, "{}", hosts.len());
}
