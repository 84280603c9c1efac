use std::collections::BTreeSet;

use vellus::{FindingCode, Verdict};

use super::*;
use crate::doubts::word;

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}

#[test]
fn every_language_has_every_key_with_the_same_values() {
    let english = Texts::of(Language::En).unwrap();
    for language in Language::ALL {
        let texts = Texts::of(language).unwrap();
        let keys = |texts: &Texts| texts.keys().cloned().collect::<BTreeSet<String>>();
        let missing: Vec<_> = keys(&english).difference(&keys(&texts)).cloned().collect();
        let extra: Vec<_> = keys(&texts).difference(&keys(&english)).cloned().collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "{language:?}: missing {missing:?}, unknown {extra:?}"
        );
        for key in english.keys() {
            let (own, text) = (texts.get(key), english.get(key));
            assert!(!own.trim().is_empty(), "{language:?}: {key} is empty");
            assert_eq!(placeholders(own), placeholders(text), "{language:?}: {key}");
        }
    }
}

#[test]
fn every_language_has_its_own_letters() {
    for (language, letters) in [(Language::De, "äöüß"), (Language::Hi, "कबालमनर")] {
        let texts = Texts::of(language).unwrap();
        let all: String = texts.keys().map(|key| texts.get(key)).collect();
        assert!(letters.chars().all(|letter| all.contains(letter)), "{language:?}");
    }
}

#[test]
fn every_code_of_a_record_has_words() {
    let texts = Texts::of(Language::En).unwrap();
    for code in FindingCode::ALL {
        for table in ["finding", "advice"] {
            let key = format!("{table}.{}", word(&code));
            assert!(texts.find(&key).is_some(), "{key}: add it to texts/*.toml");
        }
    }
    for verdict in [Verdict::Pass, Verdict::Warn, Verdict::Fail] {
        assert!(texts.find(&format!("verdict.{}", word(&verdict))).is_some());
    }
    for quantity in &vellus_report::QUANTITIES {
        let key = format!("quantities.{}", quantity.key);
        assert!(texts.find(&key).is_some(), "{key}: add it to texts/*.toml");
    }
}

/// A key that a template or a script names and that is not there would stand in the page as it is.
#[test]
fn every_key_that_is_named_is_there() {
    let texts = Texts::of(Language::En).unwrap();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
    let mut named = 0;
    for part in ["templates", "templates/part"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                continue;
            }
            for rest in read(&path).split("t.get(\"").skip(1) {
                let key = rest.split('"').next().unwrap_or_default();
                assert!(texts.find(key).is_some(), "{}: {key}", path.display());
                named += 1;
            }
        }
    }
    assert!(named > 60, "{named}");
    for script in ["pick.js", "limits.js", "corrections.js", "store.js", "edit.js", "start.js"] {
        for call in ["say(\"", "hint(\"", "return \"load"] {
            for rest in read(&folder.join("assets").join(script)).split(call).skip(1) {
                let key = rest.split('"').next().unwrap_or_default();
                let key = if call.starts_with("return") { format!("load{key}") } else { key.to_owned() };
                assert!(texts.find(&format!("js.{key}")).is_some(), "{script}: {key}");
            }
        }
    }
}

#[test]
fn an_interval_that_excludes_zero_does_not_end_at_it() {
    for language in Language::ALL {
        let texts = Texts::of(language).unwrap();
        assert!(texts.range_of_change([0.02, 11.0], 1).contains("0.02"), "{language:?}");
        assert!(!texts.range_of_change([0.4, 11.0], 1).contains("0.40"), "{language:?}");
    }
}
