//! Who may be connected to. A feed that is configured on the open network must not be able to send us to a neighbour's printer, to a
//! service of this machine, or to the address at which clouds hand out keys. Names are judged by what they resolve to, at each
//! connection: the resolver itself gives out only the addresses that may be connected to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::{Host, Url};

/// Where in the network an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Anywhere.
    Public,
    /// A network of somebody's own.
    Private,
    /// This machine.
    Loopback,
    /// The next wire, without a router between: what clouds use for their keys.
    LinkLocal,
    /// No single machine: multicast, broadcast.
    Nobody,
}

impl Class {
    /// The class of an address; of one that wraps another, that of the other.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        let [a, b, ..] = address.octets();
        match (a, b) {
            // All of 0.0.0.0/8 means this machine too, on many systems.
            (0 | 127, _) => Self::Loopback,
            (10, _) | (172, 16..=31) | (192, 168) | (100, 64..=127) => Self::Private,
            (169, 254) => Self::LinkLocal,
            (224..=255, _) => Self::Nobody,
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        if address.is_unspecified() || address.is_loopback() {
            return Self::Loopback;
        }
        let [a, b, c, ..] = address.segments();
        let wrapped = |at: usize| {
            let [w, x, y, z] = [0, 1, 2, 3].map(|octet| address.octets()[at + octet]);
            Self::of_v4(Ipv4Addr::new(w, x, y, z))
        };
        match (a, b, c) {
            // Mapped and compatible addresses, and those of a translator, end in one of IPv4; 6to4 begins with it.
            (0, 0, 0) | (0x64, 0xff9b, _) => wrapped(12),
            (0x2002, ..) => wrapped(2),
            // One cloud's keys lie in a range that is private otherwise.
            (0xfd00, 0x0ec2, 0) | (0xfe80..=0xfebf, ..) => Self::LinkLocal,
            (0xfc00..=0xfdff | 0xfec0..=0xfeff, ..) => Self::Private,
            (0xff00..=0xffff, ..) => Self::Nobody,
            _ => Self::Public,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Public => "a public address",
            Self::Private => "an address of a private network",
            Self::Loopback => "an address of this machine",
            Self::LinkLocal => "a link-local address",
            Self::Nobody => "an address of no single machine",
        }
    }
}

/// Which classes may be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    public: bool,
    private: bool,
    loopback: bool,
    link_local: bool,
}

impl Reach {
    /// Everything: for the way to a proxy, which the user chose.
    pub const ANY: Self = Self { public: true, private: true, loopback: true, link_local: true };

    /// For the address that the user wrote: a number may be what it is, but never of the next wire; a name may be of any network, but of
    /// this machine only if it says so (`localhost`, a name without a dot) or the user does.
    pub fn of_configured(url: &Url, loopback: bool) -> Self {
        match literal(url) {
            Some(address) => Self::exactly(Class::of(address)),
            None => Self { public: true, private: true, loopback: loopback || is_local_name(url), link_local: false },
        }
    }

    /// For where a redirect leads: anywhere in public, and the class of what the user configured.
    pub fn of_redirect(configured: Class) -> Self {
        let from = |class| configured == class;
        Self { public: true, private: from(Class::Private), loopback: from(Class::Loopback), link_local: false }
    }

    fn exactly(class: Class) -> Self {
        let is = |other| class == other;
        Self {
            public: is(Class::Public),
            private: is(Class::Private),
            loopback: is(Class::Loopback),
            link_local: false,
        }
    }

    /// Whether it may be connected to.
    pub const fn allows(self, class: Class) -> bool {
        match class {
            Class::Public => self.public,
            Class::Private => self.private,
            Class::Loopback => self.loopback,
            Class::LinkLocal => self.link_local,
            Class::Nobody => false,
        }
    }

    /// Refuses a number that may not be connected to: numbers do not pass the resolver.
    pub fn check(self, url: &Url) -> Result<(), Refused> {
        let class = literal(url).map(Class::of);
        class.filter(|class| !self.allows(*class)).map_or(Ok(()), |class| Err(Refused { class, resolved: false }))
    }
}

/// The class of an address as far as it can be told without a look-up.
pub fn class_by_name(url: &Url) -> Class {
    match literal(url) {
        Some(address) => Class::of(address),
        None if is_local_name(url) => Class::Loopback,
        None => Class::Public,
    }
}

/// What an address is that is never asked, whoever wrote it, as far as it can be told without a look-up. A list of feeds or a page of
/// examples may have brought it into a configuration, and what answers there may be a cloud that hands out keys.
pub fn never_asked(url: &Url) -> Option<&'static str> {
    let class = class_by_name(url);
    matches!(class, Class::LinkLocal | Class::Nobody).then(|| class.words())
}

fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

fn is_local_name(url: &Url) -> bool {
    let Some(Host::Domain(name)) = url.host() else { return false };
    let name = name.trim_end_matches('.');
    !name.contains('.') || name.ends_with(".localhost")
}

/// An address that may not be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    class: Class,
    /// Whether a name led to it.
    resolved: bool,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { class, resolved } = self;
        write!(f, "{} {}, which is refused", if *resolved { "its name leads to" } else { "it is" }, class.words())?;
        match (class, resolved) {
            (Class::Loopback, true) => f.write_str(" (write `loopback = true` in the feed if that is meant)"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Refused {}

/// A name that nobody knows, or that nobody could be asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoName(String);

impl fmt::Display for NoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "its name was not found ({}); check the address and this machine's network", self.0)
    }
}

impl std::error::Error for NoName {}

/// The system's resolver, which gives out only what may be connected to.
pub struct Guard(pub Reach);

impl reqwest::dns::Resolve for Guard {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let found: Vec<SocketAddr> = found.map_err(|error| NoName(error.to_string()))?.collect();
            let allowed = allowed(reach, &found)?;
            Ok(Box::new(allowed.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

/// The addresses that may be connected to; an error where that is none.
fn allowed(reach: Reach, found: &[SocketAddr]) -> Result<Vec<SocketAddr>, Refused> {
    let class = |address: &SocketAddr| Class::of(address.ip());
    let allowed: Vec<SocketAddr> = found.iter().copied().filter(|address| reach.allows(class(address))).collect();
    match found.first() {
        Some(first) if allowed.is_empty() => Err(Refused { class: class(first), resolved: true }),
        _ => Ok(allowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(address: &str) -> Class {
        Class::of(address.parse().unwrap())
    }

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn every_way_to_write_an_address_is_of_its_class() {
        for (text, expected) in [
            ("8.8.8.8", Class::Public),
            ("172.15.0.1", Class::Public),
            ("172.31.0.1", Class::Private),
            ("100.64.0.1", Class::Private),
            ("127.8.9.1", Class::Loopback),
            ("0.0.0.0", Class::Loopback),
            ("169.254.169.254", Class::LinkLocal),
            ("255.255.255.255", Class::Nobody),
            ("::1", Class::Loopback),
            ("::", Class::Loopback),
            ("::ffff:127.0.0.1", Class::Loopback),
            ("::ffff:169.254.169.254", Class::LinkLocal),
            ("64:ff9b::10.0.0.1", Class::Private),
            ("2002:7f00:1::", Class::Loopback),
            ("fe80::1", Class::LinkLocal),
            ("fd00:ec2::254", Class::LinkLocal),
            ("fd12::1", Class::Private),
            ("ff02::1", Class::Nobody),
            ("2606:4700::1", Class::Public),
        ] {
            assert_eq!(class(text), expected, "{text}");
        }
        // Whatever the writing, the address is read as a number first.
        for text in ["http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://[::ffff:7f00:1]/"] {
            assert_eq!(class_by_name(&url(text)), Class::Loopback, "{text}");
        }
    }

    #[test]
    fn a_redirect_reaches_the_public_and_the_class_of_what_is_configured() {
        for configured in [Class::Public, Class::Private, Class::Loopback, Class::LinkLocal] {
            let reach = Reach::of_redirect(configured);
            assert!(reach.allows(Class::Public) && !reach.allows(Class::LinkLocal) && !reach.allows(Class::Nobody));
            assert_eq!(reach.allows(Class::Private), configured == Class::Private);
            assert_eq!(reach.allows(Class::Loopback), configured == Class::Loopback);
        }
        let refused = Reach::of_redirect(Class::Loopback).check(&url("http://169.254.169.254/latest")).unwrap_err();
        assert!(refused.to_string().contains("link-local"), "{refused}");
    }

    #[test]
    fn a_link_local_address_is_never_asked_whoever_wrote_it() {
        for text in [
            "http://169.254.169.254/latest/meta-data/",
            "http://2852039166/",
            "http://[fe80::1]/",
            "http://[febf::1]/",
            "http://[::ffff:169.254.0.1]/",
            "http://[fd00:ec2::254]/",
        ] {
            let refused = Reach::of_configured(&url(text), true).check(&url(text)).unwrap_err();
            assert!(refused.to_string().contains("link-local address, which is refused"), "{text}: {refused}");
            assert_eq!(never_asked(&url(text)), Some("a link-local address"), "{text}");
        }
        for text in
            ["http://10.0.0.1/", "http://127.0.0.1/", "http://desk/", "https://example.org/", "http://[fd12::1]/"]
        {
            assert_eq!(never_asked(&url(text)), None, "{text}");
            assert!(Reach::of_configured(&url(text), false).check(&url(text)).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_name_that_leads_to_this_machine_is_refused_unless_it_says_so() {
        let found = ["127.0.0.1:0".parse().unwrap()];
        let reach = |text: &str, loopback| Reach::of_configured(&url(text), loopback);
        let refused = allowed(reach("https://feeds.example.org/", false), &found).unwrap_err();
        assert!(refused.to_string().contains("loopback = true"), "{refused}");
        assert!(allowed(reach("https://feeds.example.org/", true), &found).is_ok());
        assert!(allowed(reach("http://localhost/", false), &found).is_ok());
        // Of several, those stay that may be connected to.
        let mixed = ["169.254.0.1:0".parse().unwrap(), "93.184.216.34:0".parse().unwrap()];
        assert_eq!(allowed(reach("https://feeds.example.org/", false), &mixed).unwrap(), mixed[1..]);
        assert_eq!(allowed(Reach::ANY, &[]).unwrap(), []);
    }
}
