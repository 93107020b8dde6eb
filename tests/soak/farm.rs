//! The farm of feeds of `../shared`: what it serves, and what it counts. Only its news: the days of its tables have not come yet, and
//! such figures are left out.

use super::Entry;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The farm, until it is dropped.
pub struct Farm {
    child: Child,
    port: u16,
}

impl Farm {
    /// Starts it with so many feeds at as many hosts, and waits until it listens.
    pub fn start(bench: &Path, feeds: usize) -> Self {
        let feeds = feeds.to_string();
        let mut command = Command::new("python3");
        command.arg(bench.join("feed_farm.py")).args(["--port", "0", "--feeds", &feeds, "--hosts", &feeds]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = serde_json::from_str::<Value>(&line).unwrap()["port"].as_u64().unwrap();
        Self { child, port: port.try_into().unwrap() }
    }

    /// The address of a feed.
    pub fn address(&self, feed: usize) -> String {
        let host = format!("127.0.{}.{}", 1 + feed / 250, 1 + feed % 250);
        format!("http://{host}:{}{}", self.port, path(feed))
    }

    /// What a feed serves now.
    pub fn entries(&self, feed: usize) -> Vec<Entry> {
        let body = self.get(&path(feed));
        let links = body.split("rel=\"alternate\" href=\"").skip(1);
        links.map(|rest| Entry::Link(rest.split('"').next().unwrap().to_owned())).collect()
    }

    /// Has it do something.
    pub fn control(&self, path: &str) {
        self.get(path);
    }

    /// Its counters.
    pub fn stats(&self) -> Value {
        serde_json::from_str(&self.get("/stats")).unwrap()
    }

    /// How often its feeds were asked.
    pub fn requests(&self) -> u64 {
        self.stats()["requests"].as_u64().unwrap()
    }

    fn get(&self, path: &str) -> String {
        // A feed may fail or never answer: then once more.
        for _ in 0..100 {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
            stream.set_read_timeout(Some(std::time::Duration::from_secs(2))).unwrap();
            write!(stream, "GET {path} HTTP/1.0\r\n\r\n").unwrap();
            let mut answer = String::new();
            if stream.read_to_string(&mut answer).is_ok()
                && let Some((head, body)) = answer.split_once("\r\n\r\n")
                && head.starts_with("HTTP/1.1 200")
            {
                return body.to_owned();
            }
        }
        panic!("{path} does not answer");
    }
}

impl Drop for Farm {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn path(feed: usize) -> String {
    format!("/feed/{feed}.atom")
}
