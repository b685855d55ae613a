//! A blocking, typed client for the Knock notifications API.
