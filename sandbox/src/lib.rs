//! A stand-in for the Knock API.
