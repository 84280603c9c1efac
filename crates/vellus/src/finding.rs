//! Doubts about a photo or a number, as data: a code, a sentence, advice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the numbers stand.
    Note,
    /// The numbers stand with a reservation.
    Warning,
    /// The photo cannot carry a measurement.
    Failure,
}

/// What a photo is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing speaks against the numbers.
    Pass,
    /// The numbers stand with a reservation that a finding names.
    Warn,
    /// No density and no diameter are given; a finding names the reason.
    Fail,
}

/// Every doubt that vellus can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingCode {
    /// No scale was given.
    ScaleMissing,
    /// The photo is smaller than a hair.
    FieldTooSmall,
    /// Nothing in the photo differs from anything else.
    NoContrast,
    /// Most of the photo is not scalp.
    NoScalp,
    /// The region that is left for the analysis is empty.
    RegionEmpty,
    /// Blur is so strong that thin hair is lost.
    OutOfFocus,
    /// Pixels are too coarse for the protocol's vellus limit.
    PixelsTooCoarse,
    /// The thinnest hair that the photo resolves is above the protocol's vellus limit.
    VellusNotResolved,
    /// A large share of the field is glare.
    Glare,
    /// The lens blur could not be estimated from the photo.
    BlurUnknown,
    /// Two photos have little skin in common.
    SmallOverlap,
    /// The same skin has another size in the two photos.
    ScalesDisagree,
    /// Two sources of one photo's scale differ by more than their errors.
    ScaleSourcesDisagree,
    /// The picture shows a scale bar or a ruler that gives no scale.
    ScaleMarkUnread,
    /// By the scale that was read, hairs have widths that hair does not have.
    ScaleDoubtful,
    /// A reader corrected what was found.
    CorrectedByReader,
    /// A correction could not be applied.
    CorrectionNotApplied,
    /// A reader drew a hair over one that counts.
    HairDrawnTwice,
    /// The corrections were made on another measurement of the photo.
    CorrectionsStale,
    /// The width of a hair that a reader drew could not be read.
    WidthNotRead,
    /// The file holds several photos, of which the first was measured.
    FirstOfSeveral,
    /// The file names colours that could not be converted to sRGB.
    ColoursNotConverted,
    /// Measuring took longer than the protocol allows.
    TookTooLong,
    /// Regions share scalp, so that hairs count in several of them.
    RegionsOverlap,
    /// One of several regions has no scalp in it.
    RegionWithoutScalp,
    /// A region reaches beyond the photo.
    RegionOutside,
    /// The photo does not look like skin with hair.
    NotScalp,
    /// Most of what is as dark as hair is no hair that was found.
    Unexplained,
    /// Much of what is as dark as hair is no hair that was found.
    PartlyExplained,
    /// By the scale, the lines of the photo have widths that no hair has.
    ScaleImpossible,
    /// No hair was found.
    NoHair,
    /// Hair is not much darker than the skin.
    PaleHair,
    /// The field is too small for a density.
    SmallField,
    /// A part of the field is too blurred to be measured.
    PartOutOfFocus,
    /// A part of the field has quite another colour than the rest of its skin.
    SkinColourDiffers,
    /// The interval of the count is so wide that the count tells little.
    CountUncertain,
    /// The two photos differ in focus, enough to bias the change.
    FocusDiffers,
    /// The two photos differ in softness, which biases the change if software made it.
    SmoothingDiffers,
    /// The two photos differ in brightness, enough to bias the change.
    LightDiffers,
    /// The light of the two photos differs in colour, enough to bias the change.
    LightColourDiffers,
    /// The two photos differ in magnification, enough to bias the change.
    MagnificationDiffers,
    /// The hair was left at another length, enough to bias the change.
    HairLengthDiffers,
    /// The hair has another colour, as if dyed or bleached since, enough to bias the change.
    HairColourDiffers,
    /// Several regions were compared as one.
    RegionsComparedTogether,
    /// The two visits have different regions.
    RegionsDiffer,
}

impl FindingCode {
    /// All codes, in the order of the documentation.
    pub const ALL: [Self; 45] = [
        Self::ScaleMissing,
        Self::FieldTooSmall,
        Self::NoContrast,
        Self::NoScalp,
        Self::RegionEmpty,
        Self::OutOfFocus,
        Self::PixelsTooCoarse,
        Self::VellusNotResolved,
        Self::Glare,
        Self::BlurUnknown,
        Self::SmallOverlap,
        Self::ScalesDisagree,
        Self::ScaleSourcesDisagree,
        Self::ScaleMarkUnread,
        Self::ScaleDoubtful,
        Self::CorrectedByReader,
        Self::CorrectionNotApplied,
        Self::HairDrawnTwice,
        Self::CorrectionsStale,
        Self::WidthNotRead,
        Self::FirstOfSeveral,
        Self::ColoursNotConverted,
        Self::TookTooLong,
        Self::RegionsOverlap,
        Self::RegionWithoutScalp,
        Self::RegionOutside,
        Self::NotScalp,
        Self::Unexplained,
        Self::PartlyExplained,
        Self::ScaleImpossible,
        Self::NoHair,
        Self::PaleHair,
        Self::SmallField,
        Self::PartOutOfFocus,
        Self::SkinColourDiffers,
        Self::CountUncertain,
        Self::FocusDiffers,
        Self::SmoothingDiffers,
        Self::LightDiffers,
        Self::LightColourDiffers,
        Self::MagnificationDiffers,
        Self::HairLengthDiffers,
        Self::HairColourDiffers,
        Self::RegionsComparedTogether,
        Self::RegionsDiffer,
    ];

    /// Whether it is about conditions in which two visits differ.
    pub(crate) fn is_of_conditions(self) -> bool {
        matches!(
            self,
            Self::FocusDiffers
                | Self::SmoothingDiffers
                | Self::LightDiffers
                | Self::LightColourDiffers
                | Self::MagnificationDiffers
                | Self::HairLengthDiffers
                | Self::HairColourDiffers
        )
    }

    /// How much it weighs.
    pub fn severity(self) -> Severity {
        match self {
            Self::FieldTooSmall
            | Self::NoContrast
            | Self::NoScalp
            | Self::RegionEmpty
            | Self::TookTooLong
            | Self::NotScalp
            | Self::Unexplained
            | Self::ScaleImpossible => Severity::Failure,
            Self::BlurUnknown
            | Self::ScaleMarkUnread
            | Self::CorrectedByReader
            | Self::CorrectionsStale
            | Self::WidthNotRead
            | Self::FirstOfSeveral
            | Self::ColoursNotConverted
            | Self::RegionsOverlap
            | Self::RegionOutside
            | Self::RegionsComparedTogether
            | Self::RegionsDiffer => Severity::Note,
            _ => Severity::Warning,
        }
    }

    /// What to do about it, in a clinician's words.
    pub fn advice(self) -> &'static str {
        match self {
            Self::ScaleMissing => {
                "Give the scale with --um-per-px: photograph a ruler with the same device and magnification."
            }
            Self::FieldTooSmall => "Use the whole photo as it came from the device.",
            Self::NoContrast => "Check that the lens cap is off, the light is on and the exposure is right.",
            Self::NoScalp => {
                "Check that this is a close-up of scalp, with the lens in contact with the skin."
            }
            Self::RegionEmpty => "Choose a region that lies on the scalp, inside the photo.",
            Self::OutOfFocus => {
                "Focus on the shafts where they leave the skin, hold still, and take the photo again."
            }
            Self::PixelsTooCoarse => {
                "Use a higher magnification: 5 µm per pixel or finer resolves vellus hair."
            }
            Self::VellusNotResolved => {
                "Read the count of thin hair as a lower bound, or use a higher magnification and sharper focus."
            }
            Self::Glare => "Use cross-polarised light or contact fluid, and take the photo again.",
            Self::SmallOverlap => {
                "Read the wider intervals; next time place the camera by the first photo, or by a mark on the skin."
            }
            Self::ScalesDisagree => {
                "Check --um-per-px of both photos against a ruler photographed with each device."
            }
            Self::ScaleSourcesDisagree => {
                "Find out which one is right: photograph a ruler with the same device and run `vellus calibrate`."
            }
            Self::ScaleMarkUnread => {
                "Give the scale with --um-per-px, or measure the mark: `vellus calibrate PHOTO --tick-mm 1` for a ruler."
            }
            Self::ScaleDoubtful => {
                "Check the scale on a ruler photographed with the same device and magnification."
            }
            Self::CorrectedByReader => {
                "Say with the numbers that a reader corrected them; the automatic ones stand beside them."
            }
            Self::CorrectionNotApplied => {
                "Open the photo's page, written by this version, and make these corrections again."
            }
            Self::HairDrawnTwice => {
                "If the hair that is there is wrong, remove it; if it is two hairs, split it."
            }
            Self::CorrectionsStale => "Check on the overlay that the corrections are where they belong.",
            Self::WidthNotRead => {
                "The hair counts without a diameter; draw it along the middle of the shaft to have it measured."
            }
            Self::FirstOfSeveral => "Export the others as files of their own to measure them, too.",
            Self::ColoursNotConverted => {
                "Counts and diameters hardly depend on it; export the photo as sRGB to be sure."
            }
            Self::TookTooLong => {
                "Raise `max_seconds` in the protocol, or measure a smaller region cut out of the photo."
            }
            Self::RegionsOverlap => "Draw the regions apart, or do not add their numbers up.",
            Self::RegionWithoutScalp => {
                "Draw these regions on the scalp, inside the photo, or leave them out."
            }
            Self::RegionOutside => {
                "Check that the region was drawn on this photo; its numbers stand for what lies in it."
            }
            Self::NotScalp => "Use a close-up of scalp as it came from the camera, lit evenly.",
            Self::Unexplained => {
                "Clip the hair, part it or focus on the roots, and take the photo again; or measure a clear part cut out of it."
            }
            Self::PartlyExplained => "Look at the overlay: dark hair without an outline is not counted.",
            Self::ScaleImpossible => {
                "Check the scale: photograph a ruler with the same device and magnification and run `vellus calibrate`."
            }
            Self::NoHair => {
                "Look at the photo: if there is hair in it, it is too pale or too fine to be seen here."
            }
            Self::PaleHair => {
                "Read the count as a lower bound within its interval; dye or darker light makes pale hair countable."
            }
            Self::SmallField => "Photograph a larger field, or sum up several of them.",
            Self::PartOutOfFocus => {
                "Hold the lens flat on the skin and take the photo again, or measure the sharp part as a region."
            }
            Self::SkinColourDiffers => {
                "Take cloth, gloves and ink out of the field, or measure the skin as a region: they count as area without hair."
            }
            Self::CountUncertain => {
                "Read the interval, not the count; a sharper photo of clipped, dark hair narrows it."
            }
            Self::SmoothingDiffers => {
                "Compare photos as the camera wrote them, at its own size, with its smoothing off at all visits."
            }
            Self::FocusDiffers => {
                "Compare photos of like focus; if there are several of each visit, take the sharpest ones."
            }
            Self::LightDiffers => "Set exposure and light as at the first visit, and take the photo again.",
            Self::LightColourDiffers => {
                "Use the same light and white balance as at the first visit, and take the photo again."
            }
            Self::MagnificationDiffers => {
                "Set the magnification of the first visit, and take the photo again."
            }
            Self::HairLengthDiffers => {
                "Clip to the same length before each visit; until then read the change with its bias."
            }
            Self::HairColourDiffers => {
                "Ask whether the hair was dyed or bleached since; if so, do not read the change as one of the hair."
            }
            Self::RegionsComparedTogether => "To compare each region by itself, give one region at a time.",
            Self::RegionsDiffer => {
                "To compare the same skin at both visits, give both photos a region around it, or none."
            }
            Self::BlurUnknown => {
                "Diameters carry a wider error; a photo with a sharp, dark, wide hair would narrow it."
            }
        }
    }
}

/// One doubt about one photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What kind of doubt.
    pub code: FindingCode,
    /// How much it weighs.
    pub severity: Severity,
    /// What was seen, with its figure.
    pub message: String,
    /// What to do about it.
    pub advice: String,
}

impl Finding {
    /// A finding with the code's own weight and advice.
    pub fn new(code: FindingCode, message: impl Into<String>) -> Self {
        Self { code, severity: code.severity(), message: message.into(), advice: code.advice().to_owned() }
    }
}

/// What the findings together say of the photo.
pub fn verdict(findings: &[Finding]) -> Verdict {
    match findings.iter().map(|finding| finding.severity).max() {
        Some(Severity::Failure) => Verdict::Fail,
        Some(Severity::Warning) => Verdict::Warn,
        Some(Severity::Note) | None => Verdict::Pass,
    }
}
