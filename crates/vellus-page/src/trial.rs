//! x
use crate::{PageError, texts::Language};
/// x
/// # Errors
/// x
pub fn trial_page(_l: Language) -> Result<String, PageError> {
    Ok(String::new())
}
