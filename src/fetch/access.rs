//! What a feed's address is asked with beside the address: headers, a log-in, secret parameters, own authorities. It goes to the
//! configured origin and to no other, however often redirects lead there and back.

use super::secret::Secret;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use std::path::PathBuf;
use url::Url;

/// A log-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogIn {
    /// A name and a password.
    Basic(String, Secret),
    /// A token.
    Bearer(Secret),
}

/// What a feed is asked with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Headers of its own.
    pub headers: Vec<(String, Secret)>,
    /// A log-in.
    pub login: Option<LogIn>,
    /// Parameters that are put behind the address when it is asked.
    pub query: Vec<(String, Secret)>,
    /// Authorities that vouch for it, beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Whether its name may lead to this machine.
    pub loopback: bool,
    /// Whether other feeds are asked at the same host, so that the connection may stay open for them. Otherwise nobody needs it until the
    /// next poll, and of a thousand feeds these are tens of megabytes.
    pub shares_host: bool,
}

impl Access {
    /// What tells one from another, where the answer depends on it; empty where there is nothing.
    pub fn meaning(&self) -> String {
        let pairs = self.headers.iter().map(|(name, value)| format!("header {name}: {}\n", value.meaning()));
        let query = self.query.iter().map(|(name, value)| format!("query {name}={}\n", value.meaning()));
        let login = self.login.iter().map(|login| match login {
            LogIn::Basic(user, password) => format!("basic {user} {}\n", password.meaning()),
            LogIn::Bearer(token) => format!("bearer {}\n", token.meaning()),
        });
        pairs.chain(query).chain(login).collect()
    }

    /// Gets all secrets, for one fetch.
    pub(super) async fn open(&self, configured: &Url) -> Result<Opened, String> {
        let mut opened = Opened { url: configured.clone(), headers: HeaderMap::new(), secrets: Vec::new() };
        opened.secrets.extend(configured.password().map(str::to_owned));
        for (name, secret) in &self.headers {
            let value = opened.get(secret).await?;
            opened.put(name, &value)?;
        }
        for (name, secret) in &self.query {
            let value = opened.get(secret).await?;
            opened.url.query_pairs_mut().append_pair(name, &value);
        }
        match &self.login {
            Some(LogIn::Basic(user, password)) => {
                let password = opened.get(password).await?;
                opened.put(AUTHORIZATION.as_str(), &basic(user, &password))?;
            }
            Some(LogIn::Bearer(token)) => {
                let token = opened.get(token).await?;
                opened.put(AUTHORIZATION.as_str(), &format!("Bearer {token}"))?;
            }
            None if !configured.username().is_empty() || configured.password().is_some() => {
                let plain = |text: &str| percent_decoded(text);
                let password = plain(configured.password().unwrap_or_default());
                opened.put(AUTHORIZATION.as_str(), &basic(&plain(configured.username()), &password))?;
                opened.secrets.push(password);
            }
            None => {}
        }
        without_user(&mut opened.url);
        Ok(opened)
    }
}

/// What a feed is asked with, got. Never shown, never kept.
pub(super) struct Opened {
    /// The configured address with its secret parameters, and without user and password.
    pub(super) url: Url,
    headers: HeaderMap,
    secrets: Vec<String>,
}

impl Opened {
    async fn get(&mut self, secret: &Secret) -> Result<String, String> {
        let value = secret.get().await?;
        self.secrets.push(value.clone());
        Ok(value)
    }

    fn put(&mut self, name: &str, value: &str) -> Result<(), String> {
        let wrong = || format!("the header \"{name}\" cannot be sent as it stands; look at its name and value");
        let name: HeaderName = name.parse().map_err(|_| wrong())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| wrong())?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(())
    }

    /// The headers for an address: none where it is of another origin.
    pub(super) fn headers_for(&self, url: &Url) -> HeaderMap {
        if url.origin() == self.url.origin() { self.headers.clone() } else { HeaderMap::new() }
    }

    /// A text without the secrets, wherever a server repeated them.
    pub(super) fn without(&self, text: &str) -> String {
        let long = self.secrets.iter().filter(|secret| secret.len() > 3);
        long.fold(text.to_owned(), |text, secret| {
            let written: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            text.replace(secret.as_str(), "…").replace(&written, "…")
        })
    }
}

/// Takes user and password out of an address.
pub(super) fn without_user(url: &mut Url) {
    // Neither can fail on an address that has a host, and only such have a user.
    let _ = url.set_username("");
    let _ = url.set_password(None);
}

fn percent_decoded(text: &str) -> String {
    // The parser of forms takes a plus for a blank; here it is a plus.
    let form = format!("a={}", text.replace('+', "%2B").replace('&', "%26"));
    let decoded = url::form_urlencoded::parse(form.as_bytes()).next();
    decoded.map_or_else(String::new, |(_, value)| value.into_owned())
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", base64(format!("{user}:{password}").as_bytes()))
}

/// Base64 with padding: the only place that needs it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|at| u32::from(chunk.get(at).copied().unwrap_or(0)));
        let group = a << 16 | b << 8 | c;
        for at in 0..4 {
            let letter = LETTERS[(group >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_everybody() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("Aladdin:open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[tokio::test]
    async fn secrets_go_to_the_configured_origin_alone() {
        let access = Access {
            headers: vec![("X-Api-Key".to_owned(), Secret::Plain("hunter2".to_owned()))],
            query: vec![("code".to_owned(), Secret::Plain("swordfish &".to_owned()))],
            ..Access::default()
        };
        let configured: Url = "https://me:p%2Bw%26rd@example.org/feed?a=b".parse().unwrap();
        let opened = access.open(&configured).await.unwrap();
        assert_eq!(opened.url.as_str(), "https://example.org/feed?a=b&code=swordfish+%26");
        let sent = opened.headers_for(&"https://example.org:443/other".parse().unwrap());
        assert_eq!(sent["x-api-key"], "hunter2");
        assert_eq!(sent["authorization"], format!("Basic {}", base64(b"me:p+w&rd")).as_str());
        assert!(!format!("{sent:?} {access:?}").contains("hunter2"), "{sent:?}");
        for other in
            ["http://example.org/", "https://example.org:8443/", "https://example.net/", "https://www.example.org/"]
        {
            assert!(opened.headers_for(&other.parse().unwrap()).is_empty(), "{other}");
        }
        let told = opened.without("https://example.net/?x=swordfish+%26&y=hunter2 swordfish &");
        assert_eq!(told, "https://example.net/?x=…&y=… …");
    }

    #[tokio::test]
    async fn a_secret_that_is_missing_is_said_by_its_place() {
        let missing = Secret::Env("WATCHFLOOR_NO_SUCH_VARIABLE".to_owned()).get().await.unwrap_err();
        assert!(missing.contains("WATCHFLOOR_NO_SUCH_VARIABLE"), "{missing}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "hunter2\n").unwrap();
        assert_eq!(Secret::File(path.clone()).get().await.as_deref(), Ok("hunter2"));
        std::fs::write(&path, "\n").unwrap();
        assert!(Secret::File(path).get().await.unwrap_err().contains("empty"));
        let printed = Secret::Command(vec!["echo".to_owned(), "hun;ter2 $HOME".to_owned()]).get().await;
        assert_eq!(printed.as_deref(), Ok("hun;ter2 $HOME"), "no shell reads it");
        let failed = Secret::Command(vec!["sh".to_owned(), "-c".to_owned(), "echo hunter2 >&2; exit 3".to_owned()]);
        let failed = failed.get().await.unwrap_err();
        assert!(failed.contains("ended with 3") && !failed.contains("hunter2"), "{failed}");
    }
}
