//! Why a connection failed, in words with what to do: which of the many faults of TLS it is, whether it is the name, the network, or a
//! proxy. Never the client library's own text where that could quote an address.

use super::reach::{NoName, Refused};
use jiff::Timestamp;
use rustls::CertificateError;
use std::error::Error;
use std::io::{self, ErrorKind};

const LATE: &str = "no answer came in time";

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
    if error.is_timeout() {
        return LATE.to_owned();
    }
    match causes.last().map(ToString::to_string) {
        Some(last) if is_closed(&last) => "the connection was closed too soon".to_owned(),
        Some(last) => last,
        None if error.is_builder() => "it could not be built".to_owned(),
        None => "the transfer broke".to_owned(),
    }
}

fn is_closed(cause: &str) -> bool {
    cause.starts_with("connection closed")
}

/// Where somebody answered, though not in proper HTTP: what is wrong with it, in words. `None` where nobody did.
pub fn not_http(error: &reqwest::Error, proxy: Option<&str>) -> Option<String> {
    let causes = causes(error);
    let is_of_another_kind = |cause: &&(dyn Error + 'static)| {
        cause.is::<Refused>() || cause.is::<NoName>() || cause.is::<rustls::Error>() || cause.is::<io::Error>()
    };
    if error.is_builder()
        || error.is_timeout()
        || error.is_connect()
        || causes.iter().any(is_of_another_kind)
        || ProxyFault::of_causes(&causes).is_some()
    {
        return None;
    }
    // The library's own words, which quote nothing.
    let last = causes.last().map(ToString::to_string).filter(|last| !is_closed(last))?;
    let by = proxy.map_or_else(String::new, |proxy| format!(", by way of the proxy {proxy}"));
    Some(format!("not in proper HTTP ({last}){by}; check the address and its port, or tell the publisher"))
}

/// The cause of an error on the way through a proxy: whether it is the proxy itself, and what to do about that.
pub fn words_by_proxy(error: &reqwest::Error, proxy: &str, is_https: bool, now: Timestamp) -> String {
    let causes = causes(error);
    let is_of_network = |cause: &&(dyn Error + 'static)| cause.is::<io::Error>() || cause.is::<NoName>();
    let has_reason = error.is_timeout() || causes.iter().any(is_of_network);
    let why = words(error, now);
    match ProxyFault::of_causes(&causes) {
        Some(ProxyFault::Unreached) => unreached(proxy, if has_reason { &why } else { "it takes no connection" }),
        // Where no tunnel is made, all connecting is to the proxy.
        None if !is_https && error.is_connect() && has_reason => unreached(proxy, &why),
        Some(ProxyFault::LogIn) => format!("the proxy {proxy} {PROXY_LOG_IN}"),
        Some(ProxyFault::Refused) => format!(
            "the proxy {proxy} did not let it through: it may want another log-in (that goes into its address in the environment), \
             not allow it, or not reach it itself; ask who runs it"
        ),
        Some(ProxyFault::Broken) => {
            format!("the proxy {proxy} broke off, or is none; check its address in the environment")
        }
        None => format!("by way of the proxy {proxy}: {why}"),
    }
}

/// What went wrong before a proxy let us through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ProxyFault {
    /// Nobody could be connected to there.
    Unreached,
    /// It wants a log-in that it was not given.
    LogIn,
    /// It does not let us go there.
    Refused,
    /// What it said was no answer.
    Broken,
}

impl ProxyFault {
    fn of_causes(causes: &[&(dyn Error + 'static)]) -> Option<Self> {
        causes.iter().find_map(|cause| Self::of(&cause.to_string()))
    }

    /// By the library's words: its errors have no type that others may name.
    fn of(text: &str) -> Option<Self> {
        let (is_socks, rest) = match (text.strip_prefix("tunnel error: "), text.strip_prefix("SOCKS error: ")) {
            (Some(rest), _) => (false, rest),
            (None, Some(rest)) => (true, rest),
            (None, None) => return None,
        };
        Some(match rest {
            "failed to create underlying connection" => Self::Unreached,
            "proxy authorization required"
            | "credentials not accepted"
            | "server does not support user/pass authentication"
            | "server implements authentication incorrectly" => Self::LogIn,
            "unsuccessful" => Self::Refused,
            "io error during SOCKS handshake" | "failed parsing server response" => Self::Broken,
            _ if is_socks => Self::Refused,
            _ => Self::Broken,
        })
    }
}

/// What a proxy says with the status 407, and what to do.
pub const PROXY_LOG_IN: &str = "wants a log-in, or another one; write it into the proxy's address in the environment \
     (`https_proxy=http://user:password@host:port`)";

fn unreached(proxy: &str, why: &str) -> String {
    format!(
        "the proxy {proxy} cannot be reached: {why}; the environment names it (`http_proxy`, `https_proxy`, `all_proxy`; `no_proxy` \
         names whom to ask without it)"
    )
}

/// Whether nothing came of it because the network or the name was away, and not because somebody answered.
pub fn is_away(error: &reqwest::Error) -> bool {
    let causes = causes(error);
    let is_answered = matches!(ProxyFault::of_causes(&causes), Some(ProxyFault::LogIn | ProxyFault::Refused));
    error.is_connect() && !is_answered || causes.iter().any(|cause| cause.is::<NoName>())
}

/// Whether nobody whom we trust vouches for the server.
pub fn is_unvouched(error: &reqwest::Error) -> bool {
    let issuer = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
    causes(error).iter().any(|cause| cause.downcast_ref::<rustls::Error>().is_some_and(|tls| *tls == issuer))
}

/// Where the reason is that this machine trusts nobody at all.
pub const NO_ROOTS: &str = "this machine has no certificates of authorities, so nobody vouches for any server; install ca-certificates, \
     or look where `SSL_CERT_FILE` and `SSL_CERT_DIR` point if they are set, and start again";

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
        ErrorKind::TimedOut => LATE.to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_proxy_did_is_known_by_the_words_of_the_library() {
        for (text, fault) in [
            ("tunnel error: failed to create underlying connection", Some(ProxyFault::Unreached)),
            ("tunnel error: proxy authorization required", Some(ProxyFault::LogIn)),
            ("tunnel error: unsuccessful", Some(ProxyFault::Refused)),
            ("tunnel error: unexpected end of file", Some(ProxyFault::Broken)),
            ("SOCKS error: failed to create underlying connection", Some(ProxyFault::Unreached)),
            ("SOCKS error: credentials not accepted", Some(ProxyFault::LogIn)),
            ("SOCKS error: host unreachable", Some(ProxyFault::Refused)),
            ("SOCKS error: failed parsing server response", Some(ProxyFault::Broken)),
            ("connection closed before message completed", None),
        ] {
            assert_eq!(ProxyFault::of(text), fault, "{text}");
        }
    }
}
