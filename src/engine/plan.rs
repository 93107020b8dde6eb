//! A plan: a feed with where it is and how it is read, and what is remembered of it between two polls.

use crate::domain::feed::{Feed, FeedHealth, FeedMemory};
use crate::feeds::Reader;
use crate::fetch::Place;
use crate::fetch::access::Access;
use crate::store::Marks;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Everything that a feed's polls need.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The feed as everyone knows it.
    pub feed: Feed,
    /// Where it is.
    pub place: Place,
    /// What it is asked with.
    pub access: Arc<Access>,
    /// How its replies are read.
    pub reader: Arc<Reader>,
    /// The most bytes of a body.
    pub body_cap: u64,
    /// Hash of the address: a kept body is read only for the address that it came from.
    pub address: Arc<str>,
    /// Hash of the mapping.
    pub mapping_hash: Arc<str>,
    belongs_to: Arc<str>,
}

impl Plan {
    /// A plan; computes to what validators belong: address and mapping, and the program's version, so that a mended
    /// mapping and a mended decoder are both seen at once.
    pub fn new(feed: Feed, place: Place, access: Access, reader: Reader, body_cap: u64) -> Self {
        let address = match &place {
            Place::Http(url) => url.to_string(),
            Place::File(path) => path.display().to_string(),
            Place::Command(words) => format!("command {words:?}"),
            Place::Discover(discover) => format!("{}\n{:?}\n{}", discover.page, discover.pick, discover.link.text()),
            Place::Recorded => String::new(),
        };
        // Nothing beside the address, and the hash is that of before there could be anything.
        let address = match access.meaning() {
            none if none.is_empty() => address,
            with => format!("{address}\n{with}"),
        };
        let mapping_hash = sha256(reader.meaning().as_bytes());
        let version = env!("CARGO_PKG_VERSION");
        let belongs_to = sha256(format!("{version}\n{address}\n{mapping_hash}").as_bytes()).into();
        Self {
            feed,
            place,
            access: Arc::new(access),
            reader: Arc::new(reader),
            body_cap,
            address: sha256(address.as_bytes()).into(),
            mapping_hash: mapping_hash.into(),
            belongs_to,
        }
    }

    /// Whether the last body is kept to be read again: not of a scenario, which has its replies at hand, nor of news in a standard
    /// format, in which no configuration reads anything else.
    pub fn keeps_body(&self) -> bool {
        self.place != Place::Recorded && self.reader.is_mapped()
    }

    /// Whether what is remembered was read from this address with this mapping, and nothing of the feed was voided since.
    pub fn reads(&self, memory: &FeedMemory, marks: &Marks) -> bool {
        memory.belongs_to == self.belongs_to && memory.voids == marks.voids()
    }

    /// Makes what is remembered this plan's own; what belonged to another address or mapping, or to before a void, is forgotten.
    pub fn adopt(&self, memory: &mut FeedMemory, marks: &Marks) {
        if !self.reads(memory, marks) {
            *memory = FeedMemory { belongs_to: self.belongs_to.clone(), voids: marks.voids(), ..FeedMemory::default() };
        }
    }
}

/// How a feed stood before a poll.
#[derive(Clone, Debug)]
pub struct Before {
    /// Its health.
    pub health: FeedHealth,
    /// What is remembered of the last fetch.
    pub memory: FeedMemory,
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let nibbles = Sha256::digest(bytes).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()
}
