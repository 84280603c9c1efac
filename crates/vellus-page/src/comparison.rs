//! x
use crate::{PageError, texts::Language};
use image::RgbImage;
use vellus::{Comparison, Series};
/// x
/// # Errors
/// x
pub fn comparison_page(_p: &[RgbImage], _c: &Comparison, _l: Language) -> Result<String, PageError> {
    Ok(String::new())
}
/// x
/// # Errors
/// x
pub fn series_page(_p: &[RgbImage], _c: &Series, _l: Language) -> Result<String, PageError> {
    Ok(String::new())
}
