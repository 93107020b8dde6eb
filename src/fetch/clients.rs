//! The clients: one for each set of addresses that may be connected to and each file of own authorities, so that a connection that
//! was opened for one feed is never used for another that may not go there. Each is built at first use: a machine without
//! certificates must still start, and its plain http feeds must still be asked.

use super::access::Access;
use super::reach::{Guard, Reach};
use super::trouble::{self, NO_ROOTS};
use crate::domain::text::Printable;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Certificate, Client, ClientBuilder, redirect};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use url::Url;

/// A connection stays open for so long without a request.
const IDLE: Duration = Duration::from_secs(20);

/// By which way a request goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Way {
    /// What may be connected to, where no proxy is asked.
    pub reach: Reach,
    /// The proxy that is asked, without its password.
    pub proxy: Option<String>,
    /// Whether anybody has to be vouched for: not where only plain http is spoken.
    pub tls: bool,
    /// Authorities beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Whether a connection stays open for a while after an answer.
    pub keeps_open: bool,
}

/// All of them.
pub struct Clients {
    user_agent: String,
    proxies: Matcher,
    built: Mutex<Vec<(Way, Ready)>>,
}

/// A client that is built.
#[derive(Clone)]
pub struct Ready {
    /// It.
    pub client: Client,
    /// Whether it has certificates of any authority.
    pub has_roots: bool,
}

impl Clients {
    /// Builds none yet; the proxies are those of the environment.
    pub fn new(user_agent: String) -> Self {
        Self { user_agent, proxies: Matcher::from_env(), built: Mutex::default() }
    }

    /// By which way an address is asked.
    pub fn way(&self, url: &Url, reach: Reach, access: &Access) -> Way {
        let proxy = url.as_str().parse().ok().and_then(|uri| self.proxies.intercept(&uri));
        let proxy = proxy.map(|proxy| {
            let uri = proxy.uri();
            format!("{}://{}", uri.scheme_str().unwrap_or("http"), uri.authority().map_or("", |at| host(at.as_str())))
        });
        // A proxy resolves the names, and we connect to nobody else.
        let reach = if proxy.is_some() { Reach::ANY } else { reach };
        let tls = url.scheme() != "http" || proxy.as_ref().is_some_and(|proxy| proxy.starts_with("https:"));
        Way { reach, tls, proxy, ca_file: access.ca_file.clone(), keeps_open: access.shares_host }
    }

    /// The proxy that may have answered instead of the server: where it only passes on what is said, it does not.
    pub fn answers_for(&self, url: &Url) -> Option<String> {
        let proxy = (url.scheme() == "http").then(|| self.way(url, Reach::ANY, &Access::default()).proxy).flatten();
        proxy.filter(|proxy| !proxy.starts_with("socks"))
    }

    /// The client of a way. The error is why there is none, in words.
    pub fn get(&self, way: &Way) -> Result<Ready, String> {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, ready)) = built.iter().find(|(other, _)| other == way) {
            return Ok(ready.clone());
        }
        let ready = self.build(way)?;
        built.push((way.clone(), ready.clone()));
        Ok(ready)
    }

    fn build(&self, way: &Way) -> Result<Ready, String> {
        let told = |error: reqwest::Error| {
            format!("the HTTP client cannot start: {}", trouble::words(&error, jiff::Timestamp::UNIX_EPOCH))
        };
        if !way.tls {
            // Looking through the system's certificates takes longer than many requests.
            let client = self.plain(way).tls_certs_only([]).build();
            return client.map(|client| Ready { client, has_roots: false }).map_err(told);
        }
        let own = way.ca_file.as_deref().map(certificates).transpose()?.unwrap_or_default();
        let is_alone = own.is_empty();
        let built = match self.plain(way).tls_certs_merge(own).build() {
            // Where the system has no authorities at all, those of a `ca_file` are enough; without one, nobody is vouched for.
            Err(_) if is_alone => {
                tracing::warn!("{NO_ROOTS}");
                let client = self.plain(way).tls_certs_only([]).build();
                client.map(|client| Ready { client, has_roots: false })
            }
            system => system.map(|client| Ready { client, has_roots: true }),
        };
        built.map_err(told)
    }

    fn plain(&self, way: &Way) -> ClientBuilder {
        let builder = Client::builder()
            .user_agent(&self.user_agent)
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(Duration::from_secs(15))
            .pool_max_idle_per_host(usize::from(way.keeps_open))
            .pool_idle_timeout(IDLE)
            .dns_resolver(Arc::new(Guard(way.reach)));
        let builder = if way.proxy.is_some() { builder } else { builder.no_proxy() };
        // What is closed after the answer is bounded by the deadline of the transfer: nobody has to ask whether it is alive.
        if way.keeps_open {
            return builder;
        }
        #[cfg(target_os = "linux")]
        let builder = builder.tcp_user_timeout(None);
        builder.tcp_keepalive(None)
    }
}

fn host(authority: &str) -> &str {
    authority.rsplit('@').next().unwrap_or(authority)
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, String> {
    let shown = Printable::path(path);
    let bytes = std::fs::read(path).map_err(|error| format!("cannot read the `ca_file` {shown}: {error}"))?;
    let found = Certificate::from_pem_bundle(&bytes).unwrap_or_default();
    if found.is_empty() {
        return Err(format!("the `ca_file` {shown} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"));
    }
    Ok(found)
}
