//! Tests of the whole: truth, reference, invariance, stages, pictures, command line.
