//! What the fuzzer keeps (`cargo run --release --example fuzz -- SECONDS`) is read at each run of the tests.

mod targets;

use std::path::Path;

#[test]
fn the_corpus_does_no_harm() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    for target in targets::targets() {
        let folder = corpus.join(target.name);
        let mut count = 0;
        for file in std::fs::read_dir(&folder).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(bytes.len() <= 8_192, "the corpus stays small");
            let texts = target.take(&bytes);
            assert_eq!(texts, target.take(&bytes), "the same bytes give the same");
            count += 1;
        }
        assert!(count > 0, "{} has no corpus", target.name);
    }
}
