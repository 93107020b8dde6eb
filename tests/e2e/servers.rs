//! Fetching from servers that others wrote (nginx, tinyproxy), through the real binary: TLS with HTTP/2, IPv6, proxies, a machine
//! without roots of trust, restarts, moves. What they were asked stands in their own logs.

use super::support::installed::{Nginx, Tinyproxy, are_installed, certify, skipped};
use super::support::{PROGRAM, Place, Session, eventually};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs::File;
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

const DAYS: usize = 300;
/// A password that may be shown nowhere.
const PASSWORD: &str = "hunter2";

/// A folder with a published table, and what is asked there.
struct Desk {
    place: Place,
    environment: Vec<(&'static str, String)>,
}

impl Desk {
    /// With a certificate of an authority that nobody else knows.
    fn new() -> Self {
        let desk = Self { place: Place::new(), environment: Vec::new() };
        certify(&desk.place);
        std::fs::create_dir(desk.place.path("www")).unwrap();
        desk.publish(DAYS);
        desk
    }

    /// A table of so many days.
    fn publish(&self, days: usize) {
        let mut table = "Day,Count\n".to_owned();
        let start = jiff::civil::date(2020, 1, 1);
        for day in 0..days {
            let date = start + jiff::Span::new().days(i64::try_from(day).unwrap());
            writeln!(table, "{date},{}", 1000 + day).unwrap();
        }
        self.place.write("www/table.csv", &table);
    }

    /// Sets the environment of all that follows.
    fn set(&mut self, environment: &[(&'static str, &str)]) {
        self.environment = environment.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    }

    /// Which feeds there are: what each is called, where it is, and what else it says.
    fn asks(&self, feeds: &[(&str, &str, &str)]) {
        let mut config = "zone = \"UTC\"\n".to_owned();
        for (id, url, more) in feeds {
            write!(
                config,
                "\n[[feed]]\nid = \"{id}\"\nkind = \"statistics\"\nformat = \"csv\"\nurl = \"{url}\"\nevery = \"1s\"\n{more}\n\
                 period = {{ kind = \"day\", column = \"Day\" }}\nvalue = {{ column = \"Count\" }}\n\
                 series = [{{ route = \"{id}\", measure = \"persons\" }}]\n"
            )
            .unwrap();
        }
        self.place.write("desk.toml", &config);
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.place.command(&[&["--config", "desk.toml", "--store", "desk.db"], words].concat());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Whether it went well, and what was printed on both.
    fn ask(&self, words: &[&str]) -> (bool, String) {
        let output = self.command(words).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.success(), said.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Reads a feed once.
    fn reads(&self, feed: &str) {
        let (is_read, said) = self.ask(&["feed", "try", feed]);
        assert!(is_read && said.contains(&format!("{DAYS} figures in 1 series")), "{feed}: {said}");
    }

    /// Asks a feed once, in vain: why.
    fn fails(&self, feed: &str) -> String {
        let (is_read, said) = self.ask(&["feed", "try", feed]);
        assert!(!is_read && !said.contains(PASSWORD), "{feed}: {said}");
        said
    }

    fn status(&self, feed: &str) -> Value {
        let output = self.command(&["status", "--json"]).output().unwrap();
        let status: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let feeds = status["feeds"].as_array().cloned().unwrap_or_default();
        feeds.into_iter().find(|known| known["id"] == feed).unwrap_or_default()
    }

    fn collect(&self) -> Collector<'_> {
        let log = File::create(self.place.path("log")).unwrap();
        let child = self.command(&["-v", "--headless"]).stderr(log).spawn().unwrap();
        Collector { desk: self, child }
    }
}

/// The program without a screen.
struct Collector<'a> {
    desk: &'a Desk,
    child: Child,
}

impl Collector<'_> {
    fn log(&self) -> String {
        std::fs::read_to_string(self.desk.place.path("log")).unwrap()
    }

    /// Ends it in order, and gives its log.
    fn end(mut self) -> String {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
        self.log()
    }
}

impl Drop for Collector<'_> {
    fn drop(&mut self) {
        // One that has ended already is killed in vain.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn has_trouble(log: &str) -> bool {
    ["WARN", "ERROR", "cannot", "fail"].iter().any(|word| log.contains(word))
}

#[test]
fn https_of_an_own_authority_is_read_by_http_2_packed_and_conditionally() {
    if !are_installed(&["nginx"]) {
        return;
    }
    let desk = Desk::new();
    let (nginx, [port]) =
        Nginx::start(&desk.place, |[port]| format!("server {{ listen 127.0.0.1:{port} ssl http2; }}"));
    let url = format!("https://127.0.0.1:{port}/table.csv");
    desk.asks(&[("own", &url, "ca_file = \"ca.pem\""), ("stranger", &url, "")]);
    let why = desk.fails("stranger");
    assert!(why.contains("signed by nobody whom this machine knows") && why.contains("`ca_file`"), "{why}");
    desk.asks(&[("own", &url, "ca_file = \"ca.pem\"")]);
    let collector = desk.collect();
    let answers = nginx.has_answered("it was asked twice", |answers| answers.len() > 1);
    let [first, second] = &answers[..2] else { unreachable!() };
    assert!(first.starts_with("HTTP/2.0 200 GET ") && first.contains(" condition=- "), "{first}");
    let plain = std::fs::metadata(desk.place.path("www/table.csv")).unwrap().len();
    let sent: u64 = word(first, "sent=").parse().unwrap();
    assert!(word(first, "packed=") != "-" && sent < plain / 2, "{plain} bytes: {first}");
    assert!(second.starts_with("HTTP/2.0 304 GET ") && second.contains(" condition=W/"), "{second}");
    assert_ne!(word(first, "connection="), word(second, "connection="), "no other feed is there to keep it open for");
    let (_, figures) = desk.ask(&["export", "observations", "--json"]);
    assert_eq!(figures.matches("\"persons\"").count(), DAYS);
    assert_eq!(desk.status("own")["state"], "fresh");
    let log = collector.end();
    assert!(!has_trouble(&log), "{log}");
}

#[test]
fn a_table_that_lies_packed_in_zstandard_is_read() {
    if !are_installed(&["nginx"]) {
        return;
    }
    let desk = Desk::new();
    let (_nginx, [plain]) = Nginx::start(&desk.place, |[plain]| {
        format!(
            "server {{ listen 127.0.0.1:{plain}; location ~ (packed|cut) {{ gzip off; add_header Content-Encoding zstd; }} }}"
        )
    });
    let table = std::fs::read(desk.place.path("www/table.csv")).unwrap();
    let packed = ruzstd::encoding::compress_to_vec(table.as_slice(), ruzstd::encoding::CompressionLevel::Fastest);
    std::fs::write(desk.place.path("www/packed.csv"), &packed).unwrap();
    std::fs::write(desk.place.path("www/cut.csv"), &packed[..packed.len() / 2]).unwrap();
    desk.asks(&[
        ("packed", &format!("http://127.0.0.1:{plain}/packed.csv"), ""),
        ("cut", &format!("http://127.0.0.1:{plain}/cut.csv"), ""),
    ]);
    desk.reads("packed");
    let why = desk.fails("cut");
    assert!(why.contains("its packed body was cut off on its way"), "{why}");
}

/// The value behind a word in a line of nginx's log.
fn word<'a>(line: &'a str, name: &str) -> &'a str {
    line.split(' ').find_map(|word| word.strip_prefix(name)).unwrap()
}

/// Whether this machine speaks IPv6 with itself. Where it does not, that is said aloud.
fn has_ipv6() -> bool {
    let has = TcpListener::bind("[::1]:0").is_ok();
    if !has {
        skipped("this machine has no IPv6");
    }
    has
}

#[test]
fn an_address_of_ipv6_is_read_with_and_without_tls() {
    if !are_installed(&["nginx"]) || !has_ipv6() {
        return;
    }
    let desk = Desk::new();
    let (nginx, [tls, plain]) = Nginx::start(&desk.place, |[tls, plain]| {
        format!("server {{ listen [::1]:{tls} ssl http2; }}\nserver {{ listen [::1]:{plain}; }}")
    });
    desk.asks(&[
        ("tls", &format!("https://[::1]:{tls}/table.csv"), "ca_file = \"ca.pem\""),
        ("plain", &format!("http://[::1]:{plain}/table.csv"), ""),
    ]);
    desk.reads("tls");
    desk.reads("plain");
    let answers = nginx.has_answered("it was asked twice", |answers| answers.len() > 1);
    assert!(answers[0].contains(&format!("HTTP/2.0 200 GET https://[::1]:{tls}/")), "{answers:?}");
    assert!(answers[1].contains(&format!("HTTP/1.1 200 GET http://[::1]:{plain}/")), "{answers:?}");
}

#[test]
fn a_name_whose_ipv6_is_dead_is_read_by_ipv4_soon() {
    if !are_installed(&["nginx"]) || !has_ipv6() {
        return;
    }
    let desk = Desk::new();
    let (_nginx, [tls]) = Nginx::start(&desk.place, |[tls]| format!("server {{ listen 127.0.0.1:{tls} ssl http2; }}"));
    // The list of names is the test's own, where it may be: a name of both kinds is not to be had everywhere.
    desk.place.write("hosts", "::1 localhost both.example\n127.0.0.1 localhost both.example\n");
    let hosts = desk.place.path("hosts").display().to_string();
    let script = format!("mount --bind {hosts} /etc/hosts && exec \"$0\" \"$@\"");
    let try_both = |how: &'static str| Command::new("unshare").args([how, "sh", "-c", &script, "true"]).output();
    let may = ["-m", "-rm"].into_iter().find(|how| try_both(how).is_ok_and(|output| output.status.success()));
    let name = if may.is_some() { "both.example" } else { "localhost" };
    if may.is_none() {
        let of_localhost: Vec<_> = ("localhost", tls).to_socket_addrs().unwrap().collect();
        if !of_localhost.iter().any(std::net::SocketAddr::is_ipv6) {
            skipped("no name has both kinds of addresses here, and none can be given them");
            return;
        }
    }
    let loopback = "ca_file = \"ca.pem\"\nloopback = true";
    desk.asks(&[("both", &format!("https://{name}:{tls}/table.csv"), loopback)]);
    let reads_soon = |what: &str| {
        let asked = Instant::now();
        let mut command = match may {
            Some(how) => {
                let ours = desk.command(&["feed", "try", "both"]);
                let mut command = Command::new("unshare");
                command
                    .args([how, "sh", "-c", &script, PROGRAM])
                    .args(ours.get_args())
                    .current_dir(desk.place.path(""));
                command.env_clear().envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
                command
            }
            None => desk.command(&["feed", "try", "both"]),
        };
        let output = command.output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.success() && said.contains("300 figures"), "{what}: {said}");
        // Each address alone may take 15 seconds.
        assert!(asked.elapsed() < Duration::from_secs(4), "{what}: it took {:?}", asked.elapsed());
    };
    reads_soon("nobody listens");
    // Somebody listens who takes no more connections: what is sent there is lost, as in a network that has no way out.
    let Ok(silent) = TcpListener::bind(("::1", tls)) else { panic!("the port is taken") };
    let address = silent.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        waiting.push(stream);
        assert!(waiting.len() < 10_000, "it takes any number of connections");
    }
    reads_soon("nobody answers");
}

#[test]
fn a_proxy_with_a_log_in_is_asked_for_what_the_environment_says() {
    if !are_installed(&["nginx", "tinyproxy"]) {
        return;
    }
    let mut desk = Desk::new();
    let (nginx, [tls, plain]) = Nginx::start(&desk.place, |[tls, plain]| {
        format!("server {{ listen 127.0.0.1:{tls} ssl http2; }}\nserver {{ listen 127.0.0.1:{plain}; }}")
    });
    let own = "ca_file = \"ca.pem\"";
    desk.asks(&[
        ("plain", &format!("http://127.0.0.1:{plain}/table.csv"), ""),
        ("tls", &format!("https://127.0.0.1:{tls}/table.csv"), own),
        ("by-name", &format!("https://localhost:{tls}/table.csv"), own),
    ]);
    let proxy = Tinyproxy::start(&desk.place, "desk", PASSWORD);
    let address = format!("http://desk:{PASSWORD}@127.0.0.1:{}", proxy.port);
    desk.set(&[("http_proxy", &address), ("https_proxy", &address)]);
    desk.reads("plain");
    desk.reads("tls");
    let requests = proxy.requests();
    assert!(
        requests.len() == 2
            && requests[0].contains(&format!("GET http://127.0.0.1:{plain}/table.csv"))
            && requests[1].contains(&format!("CONNECT 127.0.0.1:{tls} ")),
        "{requests:?}"
    );
    let answers = nginx.has_answered("it was asked twice", |answers| answers.len() > 1);
    assert!(answers[0].starts_with("HTTP/1.1 200 GET "), "{answers:?}");
    assert!(answers[1].starts_with("HTTP/2.0 200 GET "), "{answers:?}");
    // It wants another password, or any.
    for user in ["desk:swordfish@", ""] {
        let wrong = format!("http://{user}127.0.0.1:{}", proxy.port);
        desk.set(&[("http_proxy", &wrong), ("https_proxy", &wrong)]);
        for feed in ["plain", "tls"] {
            let why = desk.fails(feed);
            assert!(
                why.contains(&format!("the proxy http://127.0.0.1:{}", proxy.port)) && why.contains("log-in"),
                "{feed}: {why}"
            );
            assert!(!why.contains("swordfish"), "{feed}: {why}");
        }
    }
    // Not asked for whom `no_proxy` names: one that is dead shows that.
    let dead = format!("http://desk:{PASSWORD}@127.0.0.1:1");
    for (none, feed) in [
        ("127.0.0.1", "plain"),
        ("example.org, 127.0.0.1", "tls"),
        ("127.0.0.0/8", "tls"),
        ("localhost", "by-name"),
        ("*", "by-name"),
    ] {
        desk.set(&[("http_proxy", &dead), ("https_proxy", &dead), ("no_proxy", none)]);
        desk.reads(feed);
    }
    desk.set(&[("http_proxy", &dead), ("https_proxy", &dead), ("no_proxy", "127.0.0.0/8")]);
    desk.fails("by-name");
}

#[test]
fn a_dead_proxy_is_named_as_what_is_wrong_and_its_password_is_nowhere() {
    if !are_installed(&["nginx"]) {
        return;
    }
    let mut desk = Desk::new();
    let (nginx, [tls, plain]) = Nginx::start(&desk.place, |[tls, plain]| {
        format!("server {{ listen 127.0.0.1:{tls} ssl http2; }}\nserver {{ listen 127.0.0.1:{plain}; }}")
    });
    desk.asks(&[
        ("plain", &format!("http://127.0.0.1:{plain}/table.csv"), ""),
        ("tls", &format!("https://127.0.0.1:{tls}/table.csv"), "ca_file = \"ca.pem\""),
    ]);
    let dead = format!("http://user:{PASSWORD}@127.0.0.1:1");
    let socks = dead.replace("http:", "socks5h:");
    for (proxy, feed) in [(&dead, "plain"), (&dead, "tls"), (&socks, "plain"), (&socks, "tls")] {
        desk.set(&[("all_proxy", proxy)]);
        let why = desk.fails(feed);
        let culprit = proxy.replace(&format!("user:{PASSWORD}@"), "");
        assert!(why.contains(&format!("the proxy {culprit} cannot be reached: ")), "{why}");
    }
    desk.set(&[("http_proxy", &dead), ("https_proxy", &dead), ("RUST_LOG", "trace")]);
    let collector = desk.collect();
    eventually("both fail", || ["plain", "tls"].iter().all(|feed| desk.status(feed)["error"].is_string()));
    for feed in ["plain", "tls"] {
        let why = desk.status(feed)["error"].as_str().unwrap().to_owned();
        assert!(why.contains("the proxy http://127.0.0.1:1") && why.contains("`no_proxy`"), "{why}");
    }
    let mut everything = String::new();
    for verb in [
        &["status"][..],
        &["status", "--json"],
        &["export", "observations"],
        &["export", "headlines"],
        &["doctor"],
        &["config", "check"],
    ] {
        everything += &desk.ask(verb).1;
    }
    everything += &collector.end();
    assert!(!everything.contains(PASSWORD), "{everything}");
    assert!(!String::from_utf8_lossy(&std::fs::read(desk.place.path("desk.db")).unwrap()).contains(PASSWORD));
    assert_eq!(nginx.answers(), Vec::<String>::new(), "nobody goes round the proxy");
}

#[test]
fn without_any_roots_of_trust_it_reads_what_needs_none_and_says_what_is_missing() {
    if !are_installed(&["nginx"]) {
        return;
    }
    let mut desk = Desk::new();
    let (_nginx, [tls, plain]) = Nginx::start(&desk.place, |[tls, plain]| {
        format!("server {{ listen 127.0.0.1:{tls} ssl http2; }}\nserver {{ listen 127.0.0.1:{plain}; }}")
    });
    desk.asks(&[
        ("plain", &format!("http://127.0.0.1:{plain}/table.csv"), ""),
        ("tls", &format!("https://127.0.0.1:{tls}/table.csv"), ""),
        ("own", &format!("https://127.0.0.1:{tls}/table.csv"), "ca_file = \"ca.pem\""),
    ]);
    let nothing = desk.place.path("nothing").display().to_string();
    std::fs::create_dir(desk.place.path("empty")).unwrap();
    desk.place.write("empty.pem", "");
    let (empty, file) = ("empty", "empty.pem");
    for environment in [
        &[("SSL_CERT_FILE", nothing.as_str()), ("SSL_CERT_DIR", nothing.as_str())][..],
        &[("SSL_CERT_FILE", file), ("SSL_CERT_DIR", empty)],
        &[("SSL_CERT_FILE", nothing.as_str())],
    ] {
        desk.set(environment);
        let why = desk.fails("tls");
        assert!(why.contains("ca-certificates") && why.contains("`SSL_CERT_FILE`"), "{why}");
        desk.reads("own");
        let (_, found) = desk.ask(&["doctor"]);
        assert!(found.contains("no roots of trust where SSL_CERT_FILE"), "{found}");
    }
    desk.set(&[("SSL_CERT_FILE", &nothing), ("SSL_CERT_DIR", &nothing)]);
    let collector = desk.collect();
    eventually("all were asked", || {
        desk.status("tls")["error"].is_string()
            && ["plain", "own"].iter().all(|feed| desk.status(feed)["state"] == "fresh")
    });
    let why = desk.status("tls")["error"].as_str().unwrap().to_owned();
    assert!(why.contains("ca-certificates") && why.contains("`SSL_CERT_FILE`"), "{why}");
    let log = collector.end();
    assert!(log.contains("ca-certificates"), "{log}");
}

#[test]
fn a_server_that_was_restarted_is_read_on_without_a_word() {
    if !are_installed(&["nginx"]) {
        return;
    }
    let desk = Desk::new();
    let (mut nginx, [tls, plain]) = Nginx::start(&desk.place, |[tls, plain]| {
        format!("server {{ listen 127.0.0.1:{tls} ssl http2; }}\nserver {{ listen 127.0.0.1:{plain}; }}")
    });
    let (plain, tls) = (format!("http://127.0.0.1:{plain}/table.csv"), format!("https://127.0.0.1:{tls}/table.csv"));
    let own = "ca_file = \"ca.pem\"";
    // Two feeds at each host: for one alone no connection is kept.
    desk.asks(&[("plain", &plain, ""), ("plain-too", &plain, ""), ("tls", &tls, own), ("tls-too", &tls, own)]);
    let collector = desk.collect();
    let of = |answers: &[String], scheme: &str| -> Vec<String> {
        let of_scheme = answers.iter().filter(|line| line.contains(scheme));
        of_scheme.map(|line| word(line, "connection=").to_owned()).collect()
    };
    let all = |answers: &[String], times: usize| {
        [" http://", " https://"].iter().all(|scheme| of(answers, scheme).len() >= times)
    };
    // A poll in the moment at which nobody listens fails rightly: then once more.
    for _ in 0..10 {
        let (before, log) = (nginx.answers().len(), collector.log().len());
        let answers = nginx.has_answered("both were read twice", |answers| all(&answers[before..], 2));
        for scheme in [" http://", " https://"] {
            let connections = of(&answers[before..], scheme);
            assert!(connections[1..].contains(&connections[0]), "the connection is kept: {answers:?}");
        }
        nginx.restart();
        let after = nginx.answers().len();
        nginx.has_answered("both are read again", |answers| all(&answers[after..], 1));
        if !collector.log()[log..].contains("nobody listens") {
            let log = collector.end()[log..].to_owned();
            assert!(!has_trouble(&log), "{log}");
            return;
        }
    }
    panic!("each restart took as long as it is between two polls:\n{}", collector.log());
}

#[test]
fn a_move_to_https_is_followed_and_told_and_a_step_down_is_refused() {
    if !are_installed(&["nginx"]) {
        return;
    }
    let desk = Desk::new();
    let (nginx, [tls, plain]) = Nginx::start(&desk.place, |[tls, plain]| {
        format!(
            "server {{ listen 127.0.0.1:{plain}; location /moved.csv {{ return 301 https://127.0.0.1:{tls}/table.csv; }} }}\n\
             server {{ listen 127.0.0.1:{tls} ssl http2; location /down.csv {{ return 301 http://127.0.0.1:{plain}/table.csv; }} }}"
        )
    });
    let own = "ca_file = \"ca.pem\"";
    desk.asks(&[
        ("moved", &format!("http://127.0.0.1:{plain}/moved.csv"), own),
        ("down", &format!("https://127.0.0.1:{tls}/down.csv"), own),
    ]);
    let why = desk.fails("down");
    assert!(why.contains("redirects from https to plain http, which is refused"), "{why}");
    desk.asks(&[("moved", &format!("http://127.0.0.1:{plain}/moved.csv"), own)]);
    let collector = desk.collect();
    eventually("it is read and said", || desk.status("moved")["note"].is_string());
    let status = desk.status("moved");
    let note = status["note"].as_str().unwrap();
    let there = format!("it has moved for good to https://127.0.0.1:{tls}/table.csv");
    assert!(note.contains(&there) && note.contains("`url`") && status["state"] == "fresh", "{status}");
    assert!(desk.ask(&["status"]).1.contains("moved for good"), "{}", desk.ask(&["status"]).1);
    // From then on it is asked where it is.
    let answers =
        nginx.has_answered("it was asked again", |answers| answers.last().is_some_and(|line| line.contains(" 304 ")));
    let moves = answers.iter().filter(|line| line.contains("/moved.csv")).count();
    assert_eq!(moves, 1, "{answers:?}");
    let mut screen = Session::start(&desk.place, &["--config", "desk.toml", "--store", "desk.db"]);
    screen.wait_for_text("ROUTES");
    screen.answers("4", "FEEDS");
    screen.wait_for_text("moved for good");
    screen.keys("q");
    assert_eq!(screen.end(), 0);
    let log = collector.end();
    assert!(!log.contains("WARN"), "{log}");
}
