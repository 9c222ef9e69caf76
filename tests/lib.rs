//! Tests that span services; see the files beside this one.
