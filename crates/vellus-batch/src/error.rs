//! Why a batch cannot be planned, stored or put together.

use std::path::Path;

use thiserror::Error;

/// A manifest or a folder that cannot be used. Nothing was measured.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ManifestError {
    /// No file, no permission.
    #[error("{path} cannot be read ({detail}); check the path")]
    Unreadable {
        /// The file or folder.
        path: String,
        /// The operating system's words.
        detail: String,
    },
    /// Another encoding.
    #[error("{path} is not UTF-8; save it as 'CSV UTF-8'")]
    NotUtf8 {
        /// The manifest.
        path: String,
    },
    /// Not CSV.
    #[error("{path} is not a table ({detail}); save it as CSV with a header")]
    NotATable {
        /// The manifest.
        path: String,
        /// Where it breaks.
        detail: String,
    },
    /// Nothing says which files are meant.
    #[error("{path} has no column 'photo' with the paths of the files; its columns are: {columns}")]
    NoPhotoColumn {
        /// The manifest.
        path: String,
        /// Its header.
        columns: String,
    },
    /// A column without a name.
    #[error("{path} has no name for column {column}; give every column a name")]
    UnnamedColumn {
        /// The manifest.
        path: String,
        /// From 1.
        column: usize,
    },
    /// Two columns of one name.
    #[error("{path} has two columns '{column}' (upper and lower case are one); rename one of them")]
    RepeatedColumn {
        /// The manifest.
        path: String,
        /// Their name.
        column: String,
    },
    /// A further column that has the name of a result.
    #[error(
        "{path} has a column '{column}', which is the name of a result; rename it, such as '{column}_given'"
    )]
    ReservedColumn {
        /// The manifest.
        path: String,
        /// Its name.
        column: String,
    },
    /// A header alone.
    #[error("{path} has no row; give one row per photo")]
    Empty {
        /// The manifest.
        path: String,
    },
    /// Rows that cannot be used.
    #[error("{path} cannot be used:\n{faults}")]
    Rows {
        /// The manifest.
        path: String,
        /// A line per fault.
        faults: String,
    },
    /// A folder without photos.
    #[error(
        "{path} holds no photo (jpg, jpeg, png, tif, tiff, bmp, gif, webp, dcm, dicom, dic); give the folder that does, or a manifest"
    )]
    NoPhotos {
        /// The folder.
        path: String,
    },
    /// A pattern that is not understood.
    #[error(
        "the pattern '{pattern}' is not understood: {detail}; write it as '{{subject}}_{{visit}}_{{replicate}}'"
    )]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A visit that the order of the visits does not name.
    #[error("row {row} has the visit '{visit}', which the order of the visits does not name: {order}")]
    UnknownVisit {
        /// From 1.
        row: usize,
        /// Its visit.
        visit: String,
        /// The visits that are named.
        order: String,
    },
    /// Names of visits that tell no order.
    #[error(
        "the order of the visits cannot be told from their names: {names}; give it with --visits, the baseline first"
    )]
    VisitOrder {
        /// The visits.
        names: String,
    },
    /// An order that names a visit twice.
    #[error("the order of the visits names '{visit}' twice; name each once")]
    RepeatedVisit {
        /// The visit.
        visit: String,
    },
    /// Two spellings of one visit.
    #[error("the visits '{one}' and '{other}' differ in upper and lower case alone; spell them alike")]
    VisitSpelling {
        /// One of them.
        one: String,
        /// The other one.
        other: String,
    },
    /// A share of the work that is none.
    #[error("the shard '{text}' is not understood: {detail}")]
    Shard {
        /// As given.
        text: String,
        /// What is wrong with it.
        detail: String,
    },
}

impl ManifestError {
    pub(crate) fn rows(path: &str, mut faults: Vec<String>, most: usize) -> Self {
        let more = faults.len().saturating_sub(most);
        faults.truncate(most);
        if more > 0 {
            faults.push(format!("and {more} more"));
        }
        Self::Rows {
            path: path.to_owned(),
            faults: faults.iter().map(|f| format!("  {f}")).collect::<Vec<_>>().join("\n"),
        }
    }
}

/// A batch that cannot go on.
#[derive(Debug, Error)]
pub enum BatchError {
    /// A file of the output folder cannot be read or written.
    #[error(
        "{path} cannot be {doing} ({source}); check the disk and the permissions, then run the same command again"
    )]
    Io {
        /// The file.
        path: String,
        /// `read` or `written`.
        doing: &'static str,
        /// The operating system's words.
        source: std::io::Error,
    },
    /// A record that does not hold what it should.
    #[error("{path} is damaged ({detail}); delete it and run the batch again")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A folder that is no batch's.
    #[error("{path} is not the output of a batch: it has no {file}; give the folder that was given with -o")]
    NotABatch {
        /// The folder.
        path: String,
        /// What it lacks.
        file: &'static str,
    },
    /// A folder without blinded copies.
    #[error(
        "{path} has no blinded photos: it has no blind.json; give the folder that `vellus blind -o` wrote"
    )]
    NotBlinded {
        /// The folder.
        path: String,
    },
    /// Another process works there.
    #[error("{path} is in use by another run; wait until it ends, or give another folder")]
    Busy {
        /// The folder.
        path: String,
    },
    /// Shards that do not belong together.
    #[error(
        "{path} belongs to another batch than {first}: {what} differs; merge shards of one manifest and protocol"
    )]
    OtherBatch {
        /// A shard.
        path: String,
        /// The first shard.
        first: String,
        /// What differs.
        what: &'static str,
    },
    /// A record that was made from something else than the plan says.
    #[error(
        "the record of row {row} ({photo}) in {path} was made {how}; run the batch, or the shard that has it, again"
    )]
    Stale {
        /// The output folder.
        path: String,
        /// The row, from 1.
        row: usize,
        /// Its photo.
        photo: String,
        /// With what.
        how: &'static str,
    },
    /// Rows that no shard has.
    #[error(
        "{missing} of {rows} rows have no record, the first is row {row} ({photo}); run the shard that has it"
    )]
    Incomplete {
        /// Rows without.
        missing: usize,
        /// All rows.
        rows: usize,
        /// The first of them, from 1.
        row: usize,
        /// Its photo.
        photo: String,
    },
    /// The Parquet writer failed.
    #[error("{path} cannot be written ({detail}); run the same command again")]
    Parquet {
        /// The table.
        path: String,
        /// The writer's words.
        detail: String,
    },
    /// Workers that cannot be started.
    #[error("threads cannot be started ({0}); use fewer with --threads")]
    Threads(String),
}

impl BatchError {
    pub(crate) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Io { path, doing: "read", source }
    }

    pub(crate) fn written(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Io { path, doing: "written", source }
    }
}
