//! C ABI of the Agglestone client.
use agglestone_core as _;
