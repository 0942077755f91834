//! Nothing but dependencies: with it, every binding has the crates that they share compiled with the same features, and one
//! target folder holds them once, whichever is built alone.
