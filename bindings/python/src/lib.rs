//! Python binding of the Agglestone client.
