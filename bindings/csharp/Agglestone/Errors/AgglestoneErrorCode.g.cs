// Generated from bindings/c by `cargo xtask generate`; do not edit.
namespace Agglestone;

/// <summary>
/// What went wrong, by class. Numbers are the same in every language of this client and never change their meaning; newer
/// versions may add some.
/// </summary>
public enum AgglestoneErrorCode
{
    /// <summary>Invalid argument. Nothing was sent.</summary>
    InvalidArgument = 100,

    /// <summary>Invalid configuration; the message lists every problem.</summary>
    InvalidConfig = 101,

    /// <summary>The client was closed. Seen as <see cref="System.ObjectDisposedException"/>.</summary>
    Closed = 102,

    /// <summary>DNS failure, connection failure, or a connection that closed before the response was complete.</summary>
    Connect = 200,

    /// <summary>TLS handshake or certificate verification failed.</summary>
    Tls = 201,

    /// <summary>An attempt or the whole call took longer than allowed.</summary>
    Timeout = 202,

    /// <summary>The call was cancelled. Seen as <see cref="System.OperationCanceledException"/>.</summary>
    Cancelled = 203,

    /// <summary>The response exceeds the size limit.</summary>
    TooLarge = 204,

    /// <summary>The service returned a redirect, which is never followed.</summary>
    UnexpectedRedirect = 205,

    /// <summary>The service returned 400 or 422.</summary>
    BadRequest = 300,

    /// <summary>The service returned 401 for every credential.</summary>
    Unauthorized = 301,

    /// <summary>The service returned 403.</summary>
    Forbidden = 303,

    /// <summary>The service returned 404.</summary>
    NotFound = 304,

    /// <summary>The service returned 409.</summary>
    Conflict = 309,

    /// <summary>A token that was verified is not to be believed; agg_error_reason says why.</summary>
    InvalidToken = 310,

    /// <summary>There are no signing keys to verify a token with.</summary>
    KeysUnavailable = 311,

    /// <summary>The service can't be asked whether the user of a verified token may still.</summary>
    CheckUnavailable = 312,

    /// <summary>The service returned 429.</summary>
    RateLimited = 329,

    /// <summary>The service returned 5xx.</summary>
    Server = 350,

    /// <summary>The service returned a status that has no code of its own.</summary>
    UnexpectedStatus = 399,

    /// <summary>A 2xx response with an unexpected body.</summary>
    InvalidResponse = 400,

    /// <summary>A bug in this library.</summary>
    Panic = 900,
}
