//! A small trial, and what a batch makes of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{Desk, names};

/// Small photos `photos/NUMBER.jpg`, and `trial.csv` with two visits of each subject.
pub fn desk_with(photos: usize) -> Desk {
    let desk = Desk::new();
    desk.vellus(&format!("phantom --scene clipped_typical --seeds 1..{photos} --size 200x160 -o photos"))
        .succeeds();
    let mut manifest = String::from("photo,subject,visit,arm,age\n");
    for number in 1..=photos {
        let subject = number.div_ceil(2);
        let arm = ["active", "placebo"][subject % 2];
        let visit = ["week 0", "week 12"][(number + 1) % 2];
        manifest +=
            &format!("photos/clipped_typical_s{number}.jpg,S{subject:02},{visit},{arm},{}\n", 30 + subject);
    }
    fs::write(desk.path("trial.csv"), manifest).expect("written");
    desk
}

/// All tables of an output folder, by name.
pub fn tables(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let folder = folder.join("tables");
    names(&folder)
        .into_iter()
        .map(|name| (name.clone(), fs::read(folder.join(name)).expect("read")))
        .collect()
}

/// A table's rows as name → cell.
pub fn rows(desk: &Desk, table: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(desk.path("out/tables").join(table)).expect("a table");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}
