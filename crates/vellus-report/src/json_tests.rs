use serde::de::DeserializeOwned;

use super::*;
use crate::fixture;

fn reads_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(record: &T) {
    let mut text = Vec::new();
    write_line(&mut text, record).expect("memory takes it");
    assert_eq!(text.iter().filter(|&&byte| byte == b'\n').count(), 1);
    let back: T = serde_json::from_slice(&text).expect("it is JSON");
    assert_eq!(&back, record);
}

#[test]
fn a_document_is_one_line_and_reads_back_equal() {
    reads_back(&fixture::measurement());
    reads_back(&fixture::comparison());
    reads_back(&fixture::series());
}
