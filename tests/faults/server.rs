//! The fault server of `../shared`, and its pages.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Its first port; the ones after it have faults of their own.
pub const PORT: u16 = 8900;

/// A fault as the server's register has it.
pub struct Fault {
    pub name: String,
    pub group: String,
    pub kind: String,
    pub must: String,
}

/// The server, until it is dropped.
pub struct Server(Child);

impl Server {
    /// Starts it and waits until it listens. `ca` is where the certificate of its test authority goes.
    pub fn start(folder: &Path, ca: &Path) -> Self {
        let mut child = Command::new("python3")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/everywhere.py"))
            .arg(folder)
            .args(["--port", &PORT.to_string(), "--ca-out"])
            .arg(ca)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("faults at"), "the fault server did not start: {line}");
        Self(child)
    }

    /// The faults that it knows.
    pub fn faults(&self) -> Vec<Fault> {
        let text = |fault: &Value, key: &str| fault[key].as_str().unwrap().to_owned();
        let faults = self.page("/faults");
        let fault = |fault: &Value| Fault {
            name: text(fault, "name"),
            group: text(fault, "group"),
            kind: text(fault, "kind"),
            must: text(fault, "must"),
        };
        faults.as_array().unwrap().iter().map(fault).collect()
    }

    /// One of its pages.
    pub fn page(&self, path: &str) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", PORT)).unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
