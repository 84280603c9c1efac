use super::*;
use crate::fixture;

#[test]
fn a_document_is_one_line_and_reads_back_equal() {
    let measurement = fixture::measurement();
    let mut text = Vec::new();
    write_line(&mut text, &measurement).expect("memory takes it");
    assert_eq!(text.iter().filter(|&&byte| byte == b'\n').count(), 1);
    let back: Measurement = serde_json::from_slice(&text).expect("it is JSON");
    assert_eq!(back, measurement);
}
