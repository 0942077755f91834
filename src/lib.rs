//! Client for the Agglestone Authentication and User Management Service.
