//! Local stand-in for the Agglestone service.
