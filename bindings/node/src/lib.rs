//! Node binding of the Agglestone client.
