//! Lists of news feeds from and for other programs.

use super::support::Place;

const LIST: &str = r#"<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>
  <outline text="World">
    <outline type="rss" text="Desk News" xmlUrl="https://desk.example.org/rss.xml"/>
    <outline type="rss" text="Desk News" xmlUrl="https://other.example.org/rss.xml"/>
  </outline>
  <outline type="rss" text="Known already" xmlUrl="https://known.example.org/rss"/>
  <outline type="rss" text="No feed" xmlUrl="ftp://example.org/x"/>
</body></opml>"#;

const CONFIG: &str = "title = \"Desk\"\n\n[[feed]]\nid = \"known\"\nname = \"Known\"\nkind = \"news\"\nurl = \"https://me:hunter2@known.example.org/rss\"\n# the last line, without its end";

/// Status, standard output and standard error.
fn run(place: &Place, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = place.command(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_list_is_printed_as_feeds_that_can_be_pasted() {
    let place = Place::new();
    place.write("list.opml", LIST);
    let (status, out, err) = run(&place, &["import", "opml", "list.opml"]);
    assert_eq!(status, Some(0), "{err}");
    for phrase in [
        "3 feeds from list.opml",
        "# from the folder World",
        "id = \"desk-news\"",
        "id = \"desk-news-2\"",
        "kind = \"news\"",
    ] {
        assert!(out.contains(phrase), "{phrase}:\n{out}");
    }
    assert!(err.contains("left out No feed") && err.contains("--append"), "{err}");
    place.write("c.toml", &out);
    let (status, out, err) = run(&place, &["--config", "c.toml", "config", "check"]);
    assert_eq!(status, Some(0), "{err}");
    assert!(out.contains("3 feeds"), "{out}");
}

#[test]
fn a_list_cannot_bring_in_an_address_that_is_never_asked() {
    let place = Place::new();
    let outline = |address: &str| format!("<outline type=\"rss\" text=\"{address}\" xmlUrl=\"http://{address}/rss\"/>");
    let outlines = ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "10.0.0.1"].map(outline).concat();
    place.write("list.opml", &format!("<opml><body>{outlines}</body></opml>"));
    let (status, out, err) = run(&place, &["--config", "c.toml", "import", "opml", "list.opml", "--append"]);
    assert!(status == Some(0) && out.contains("1 feed put at"), "{out}{err}");
    assert_eq!(err.matches("its address is a link-local address, which is never asked").count(), 3, "{err}");
}

#[test]
fn a_list_is_printed_whatever_the_configuration_is() {
    let place = Place::new();
    place.write("list.opml", LIST);
    place.write("broken.toml", "[[feed]]\nid = ");
    for (config, said) in [
        ("none.toml", "there is no configuration none.toml, so nothing is left out as known"),
        ("broken.toml", "broken.toml cannot be read, so what it has already is not left out"),
    ] {
        let (status, out, err) = run(&place, &["--config", config, "import", "opml", "list.opml"]);
        assert!(status == Some(0) && out.contains("3 feeds from list.opml") && err.contains(said), "{out}{err}");
    }
    let (status, _, err) = run(&place, &["--config", "broken.toml", "import", "opml", "list.opml", "--append"]);
    assert!(status == Some(2) && err.contains("has to be mended first"), "{err}");
}

#[test]
fn of_a_damaged_list_is_taken_what_can_be_and_that_is_no_success() {
    let place = Place::new();
    for until in ["  <outline type=\"rss\" text=\"Known", " text=\"Known already\""] {
        place.write("list.opml", LIST.split_once(until).unwrap().0);
        let (status, out, err) = run(&place, &["import", "opml", "list.opml"]);
        assert!(status == Some(3) && out.contains("2 feeds from list.opml"), "{out}{err}");
        assert!(err.contains("left out the rest of the list: it ") && err.contains("list.opml is damaged"), "{err}");
    }
    let (status, _, _) = run(&place, &["--config", "new.toml", "import", "opml", "list.opml", "--append"]);
    assert_eq!(status, Some(3));
    let (status, out, _) = run(&place, &["--config", "new.toml", "config", "check"]);
    assert!(status == Some(0) && out.contains("2 feeds"), "{out}");
}

#[test]
fn appending_never_damages_a_configuration() {
    let place = Place::new();
    place
        .write("list.opml", &LIST.replace("https://known.example.org/rss", "https://me:hunter2@known.example.org/rss"));
    let config = place.write("c.toml", CONFIG);
    let append = |place: &Place| run(place, &["--config", "c.toml", "import", "opml", "list.opml", "--append"]);
    let (status, out, err) = append(&place);
    assert_eq!(status, Some(0), "{err}");
    assert!(out.contains("2 feeds put at the end of c.toml") && out.contains("config check"), "{out}");
    assert!(err.contains("left out Known already: its address is there already, as the feed \"known\""), "{err}");
    let text = std::fs::read_to_string(&config).unwrap();
    assert!(text.starts_with(CONFIG), "{text}");
    assert!(text.contains("# 2 feeds from list.opml."), "{text}");
    let (status, out, _) = run(&place, &["--config", "c.toml", "config", "check"]);
    assert!(status == Some(0) && out.contains("3 feeds"), "{out}");
    // Again: all of them are there.
    let (status, out, _) = append(&place);
    assert!(status == Some(0) && out.contains("nothing new"), "{out}");
    assert_eq!(std::fs::read_to_string(&config).unwrap(), text);
    // One that cannot be used is left alone, and so is one in which a table cannot be added at the end.
    for broken in
        ["title = ", "feed = [{ id = \"known\", kind = \"news\", url = \"https://known.example.org/other\" }]\n"]
    {
        std::fs::write(&config, broken).unwrap();
        let (status, _, err) = append(&place);
        assert_eq!(status, Some(2), "{err}");
        assert!(err.contains("left as it"), "{err}");
        assert_eq!(std::fs::read_to_string(&config).unwrap(), broken);
    }
    let left: Vec<_> = std::fs::read_dir(place.path("")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains(".new-")), "{left:?}");
}

#[test]
fn the_news_feeds_are_exported_without_secrets() {
    let place = Place::new();
    place.write("c.toml", &format!("{CONFIG}\n[[feed]]\nid = \"local\"\nkind = \"news\"\nurl = \"file:n.xml\"\n"));
    let (status, out, err) = run(&place, &["--config", "c.toml", "export", "opml"]);
    assert_eq!(status, Some(0), "{err}");
    assert!(out.contains("<title>Desk</title>") && out.contains("xmlUrl=\"https://known.example.org/rss\""), "{out}");
    assert!(err.contains("without its secret") && err.contains("left out \"local\""), "{err}");
    assert!(!format!("{out}{err}").contains("hunter2"));
    // What is exported is imported again.
    place.write("out.opml", &out);
    let (status, out, _) = run(&place, &["import", "opml", "out.opml"]);
    assert!(status == Some(0) && out.contains("name = \"Known\""), "{out}");
}

#[test]
fn a_list_makes_a_configuration_where_there_is_none() {
    let place = Place::new();
    place.write("list.opml", LIST);
    let append = |place: &Place| run(place, &["--config", "new/c.toml", "import", "opml", "list.opml", "--append"]);
    let (status, out, _) = append(&place);
    assert!(status == Some(0) && out.contains("a new configuration, new/c.toml"), "{out}");
    assert_eq!(run(&place, &["--config", "new/c.toml", "config", "check"]).0, Some(0));
    let (status, out, _) = append(&place);
    assert!(status == Some(0) && out.contains("nothing new"), "{out}");
}

#[test]
fn wrong_requests_about_lists_are_told() {
    let place = Place::new();
    place.write("page.html", "<html><body>no list</body></html>");
    place.write("list.opml", LIST);
    place.write("c.toml", CONFIG);
    for (arguments, status, phrase) in [
        (&["import", "opml", "nowhere.opml"][..], 3, "there is no file nowhere.opml"),
        (&["import", "opml", "page.html"], 3, "this is no OPML"),
        (&["export", "opml"], 2, "there is no configuration"),
        (&["--config", "c.toml", "export", "opml", "--json"], 2, "written as OPML alone"),
        (&["import"], 2, "opml"),
    ] {
        let (code, out, err) = run(&place, arguments);
        assert_eq!(code, Some(status), "{arguments:?}: {out}{err}");
        assert!(format!("{out}{err}").contains(phrase), "{arguments:?}: {out}{err}");
    }
}
