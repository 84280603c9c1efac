//! Benches: one file per stage, and the whole pipeline.
