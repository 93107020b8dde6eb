//! Why a connection failed, in words with what to do: which of the many faults of TLS it is, whether it is the name, the network, or a
//! proxy. Never the client library's own text where that could quote an address.

use super::reach::{NoName, Refused};
use jiff::Timestamp;
use rustls::CertificateError;
use std::error::Error;
use std::io::{self, ErrorKind};

/// The cause of an error of the client in words.
pub fn words(error: &reqwest::Error, now: Timestamp) -> String {
    let causes = causes(error);
    if let Some(refused) = causes.iter().find_map(|cause| cause.downcast_ref::<Refused>()) {
        return refused.to_string();
    }
    if let Some(unnamed) = causes.iter().find_map(|cause| cause.downcast_ref::<NoName>()) {
        return unnamed.to_string();
    }
    if let Some(tls) = causes.iter().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        return tls_words(tls, now);
    }
    if let Some(io) = causes.iter().rev().find_map(|cause| cause.downcast_ref::<io::Error>()) {
        return io_words(io);
    }
    match causes.last().map(ToString::to_string) {
        Some(last) if last.starts_with("connection closed") => "the connection was closed too soon".to_owned(),
        Some(last) if !error.is_builder() => format!("its answer is not right HTTP: {last}"),
        Some(last) => last,
        None if error.is_builder() => "it could not be built".to_owned(),
        None => "the transfer broke".to_owned(),
    }
}

/// Whether nothing came of it because the network or the name was away, and not because somebody answered.
pub fn is_away(error: &reqwest::Error) -> bool {
    error.is_connect() || causes(error).iter().any(|cause| cause.is::<NoName>())
}

/// All causes, outermost first. An I/O error hides the one that it wraps.
fn causes(error: &reqwest::Error) -> Vec<&(dyn Error + 'static)> {
    let mut found = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        found.push(cause);
        let wrapped = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => cause.source(),
        };
    }
    found
}

fn io_words(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            "the connection was refused, nobody listens there; check the port, or the server is down".to_owned()
        }
        ErrorKind::ConnectionReset => "the connection was broken off".to_owned(),
        ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => "the connection was closed too soon".to_owned(),
        ErrorKind::UnexpectedEof if error.to_string().contains("handshake") => {
            "the connection was closed while TLS began; perhaps it speaks no TLS there".to_owned()
        }
        ErrorKind::UnexpectedEof => "the connection was closed too soon".to_owned(),
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::NetworkDown => {
            "there is no route to it; check this machine's network".to_owned()
        }
        ErrorKind::TimedOut => "no answer came in time".to_owned(),
        _ => error.to_string(),
    }
}

/// A name as a certificate holds it, without the library's word for its kind: `DnsName("example.org")`.
fn bare(name: &str) -> &str {
    name.split('"').nth(1).unwrap_or(name)
}

fn tls_words(error: &rustls::Error, now: Timestamp) -> String {
    let day = |at: rustls::pki_types::UnixTime| {
        let at = i64::try_from(at.as_secs()).ok().and_then(|second| Timestamp::from_second(second).ok());
        at.map_or_else(|| "an unreadable day".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
    };
    let clock = now.strftime("%Y-%m-%d %H:%M UTC");
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::ExpiredContext { not_after, .. } => format!(
                "its certificate expired on {}; tell the publisher, unless this machine's clock is wrong (it says {clock})",
                day(*not_after)
            ),
            CertificateError::Expired => {
                format!("its certificate has expired; tell the publisher, unless this machine's clock is wrong (it says {clock})")
            }
            CertificateError::NotValidYetContext { not_before, .. } => format!(
                "its certificate is not valid yet, only from {} on; check this machine's clock (it says {clock})",
                day(*not_before)
            ),
            CertificateError::NotValidYet => {
                format!("its certificate is not valid yet; check this machine's clock (it says {clock})")
            }
            CertificateError::NotValidForNameContext { expected, presented } => {
                let names: Vec<&str> = presented.iter().take(3).map(|name| bare(name)).collect();
                format!(
                    "its certificate is for another host ({}), not for {}; check the address",
                    names.join(", "),
                    expected.to_str()
                )
            }
            CertificateError::NotValidForName => "its certificate is for another host; check the address".to_owned(),
            CertificateError::UnknownIssuer => "its certificate is self-signed, or signed by nobody whom this machine knows; if it is your own \
                 authority, name its certificate with `ca_file`, and if every https feed says so, install ca-certificates"
                .to_owned(),
            CertificateError::Revoked => "its certificate was revoked; tell the publisher".to_owned(),
            other if other.to_string().contains("CaUsedAsEndEntity") => {
                "its certificate is self-signed, so nobody vouches for it; name it with `ca_file` if you trust it".to_owned()
            }
            other => format!("its certificate is not believed: {other}"),
        },
        rustls::Error::InvalidMessage(_) => "it does not speak TLS there; check the port".to_owned(),
        rustls::Error::AlertReceived(alert) => format!("it broke TLS off ({alert:?})"),
        other => format!("TLS failed: {other}"),
    }
}
