//! Servers as anybody has them installed, on loopback until they are dropped, and certificates of an authority of our own.

use super::{Place, eventually};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A program that may lie where only administrators look.
fn program(name: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "PATH=\"$PATH:/usr/sbin:/sbin\"; exec \"$0\" \"$@\"", name]);
    command
}

/// Whether all of these are installed. Where one is not, the test is skipped aloud; where work is judged, that is a failure.
pub fn are_installed(names: &[&str]) -> bool {
    names.iter().all(|name| {
        let tried = program(name).arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status();
        let is_there = tried.is_ok_and(|status| status.code() != Some(127));
        if !is_there {
            skipped(&format!("this needs {name}, which is not installed here"));
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{name} is not installed");
        }
        is_there
    })
}

/// Says aloud that something is not tested here.
#[expect(clippy::print_stderr, reason = "whoever reads the tests' output has to know")]
pub fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}

/// So many ports on which nobody listens just now.
fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

/// An authority (`ca.pem`) and a certificate that it gave to this machine (`server.pem`, `server.key`), in a test's folder.
pub fn certify(place: &Place) {
    let config = place.write("openssl.cnf", "[req]\ndistinguished_name = name\n[name]\n");
    let issue = |words: &str| {
        let mut command = Command::new("openssl");
        command.args(["req", "-x509", "-batch", "-days", "2", "-nodes", "-newkey", "ec"]);
        command.args(["-pkeyopt", "ec_paramgen_curve:prime256v1", "-config"]).arg(&config);
        let made = command.args(words.split(' ')).current_dir(place.path("")).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    issue("-subj /CN=Desk -keyout ca.key -out ca.pem -addext basicConstraints=critical,CA:TRUE");
    issue(
        "-subj /CN=localhost -keyout server.key -out server.pem -CA ca.pem -CAkey ca.key -addext \
         basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:localhost,DNS:both.example,IP:127.0.0.1,IP:::1",
    );
}

/// A server with its files in the folder `www` of a test.
pub struct Nginx {
    child: Child,
    folder: PathBuf,
}

impl Nginx {
    /// Starts it with these servers, on ports that are free.
    pub fn start<const N: usize>(place: &Place, servers: impl Fn([u16; N]) -> String) -> (Self, [u16; N]) {
        std::fs::create_dir_all(place.path("www")).unwrap();
        for _ in 0..5 {
            let ports = free_ports();
            configure(place, &servers(ports));
            // Somebody else may have taken one of them.
            if let Some(child) = run(&place.path("")) {
                return (Self { child, folder: place.path("") }, ports);
            }
        }
        panic!("nginx does not start: {}", std::fs::read_to_string(place.path("nginx.log")).unwrap_or_default());
    }

    /// Breaks it off, with all connections, and starts it anew.
    pub fn restart(&mut self) {
        self.stop();
        self.child = run(&self.folder).expect("nginx starts again");
    }

    /// What it answered, a line for each request.
    pub fn answers(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.folder.join("access.log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// Waits until it has answered so.
    pub fn has_answered(&self, what: &str, so: impl Fn(&[String]) -> bool) -> Vec<String> {
        eventually(what, || so(&self.answers()));
        self.answers()
    }

    fn stop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.stop();
    }
}

fn configure(place: &Place, servers: &str) {
    let folder = place.path("").display().to_string();
    let folder = folder.trim_end_matches('/');
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("{what}_temp_path {folder}/temporary-{what};\n"))
        .concat();
    let text = format!(
        "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log warn;\nevents {{}}\nhttp {{\n\
         log_format proof '$server_protocol $status $request_method $scheme://$http_host$request_uri '\n\
         'condition=$http_if_none_match packed=$gzip_ratio sent=$body_bytes_sent connection=$connection';\n\
         access_log {folder}/access.log proof;\n{temporary}types {{ text/csv csv; }}\ngzip on;\ngzip_types text/csv;\n\
         root {folder}/www;\nssl_certificate {folder}/server.pem;\nssl_certificate_key {folder}/server.key;\n{servers}\n}}\n"
    );
    place.write("nginx.conf", &text);
}

/// Runs it until it listens; nothing where it cannot.
fn run(folder: &std::path::Path) -> Option<Child> {
    let listens = folder.join("nginx.pid");
    let _ = std::fs::remove_file(&listens);
    let mut command = program("nginx");
    command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf"));
    let child = std::cell::RefCell::new(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    // It writes that file when it listens.
    let is_up = || std::fs::metadata(&listens).is_ok_and(|file| file.len() > 0);
    eventually("nginx listens, or ends", || is_up() || child.borrow_mut().try_wait().unwrap().is_some());
    is_up().then(|| child.into_inner())
}

/// A proxy that wants a log-in.
pub struct Tinyproxy {
    child: Child,
    folder: PathBuf,
    pub port: u16,
}

impl Tinyproxy {
    /// Starts it for one user.
    pub fn start(place: &Place, user: &str, password: &str) -> Self {
        let folder = place.path("");
        for _ in 0..5 {
            let [port] = free_ports();
            let log = place.path("tinyproxy.log");
            let _ = std::fs::remove_file(&log);
            let config = format!(
                "Port {port}\nListen 127.0.0.1\nTimeout 20\nMaxClients 20\nLogFile \"{}\"\nLogLevel Info\nBasicAuth {user} {password}\n",
                log.display()
            );
            let config = place.write("tinyproxy.conf", &config);
            let mut command = program("tinyproxy");
            command.arg("-d").arg("-c").arg(config).stdout(Stdio::null()).stderr(Stdio::null());
            let child = std::cell::RefCell::new(command.spawn().unwrap());
            let is_up = || std::fs::read_to_string(&log).is_ok_and(|log| log.contains("Accepting connections"));
            eventually("tinyproxy listens, or ends", || is_up() || child.borrow_mut().try_wait().unwrap().is_some());
            let mut child = child.into_inner();
            if child.try_wait().unwrap().is_none() {
                return Self { child, folder, port };
            }
        }
        panic!("tinyproxy does not start");
    }

    /// What it was asked for, a line for each request.
    pub fn requests(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.folder.join("tinyproxy.log")).unwrap_or_default();
        let asked = |line: &str| line.split_once("Request (file descriptor").map(|(_, rest)| rest.to_owned());
        log.lines().filter_map(asked).collect()
    }
}

impl Drop for Tinyproxy {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
