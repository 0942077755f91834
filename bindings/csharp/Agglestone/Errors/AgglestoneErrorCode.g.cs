// Generated from bindings/c by `cargo xtask generate`; do not edit.
namespace Agglestone;

/// <summary>
/// What went wrong, by class. Numbers are the same in every language of this client and never change their meaning; newer
/// versions may add some.
/// </summary>
public enum AgglestoneErrorCode
{
    /// <summary>An argument that can't be sent as meant, or NULL where a handle is needed. Nothing was sent.</summary>
    InvalidArgument = 100,

    /// <summary>The configuration is unusable; the message lists every problem.</summary>
    InvalidConfig = 101,

    /// <summary>The client was closed. Seen as <see cref="System.ObjectDisposedException"/>.</summary>
    Closed = 102,

    /// <summary>No answer: the name, the connection, or a reset before the answer was complete.</summary>
    Connect = 200,

    /// <summary>The certificate or the TLS handshake.</summary>
    Tls = 201,

    /// <summary>An attempt or the whole call took longer than allowed.</summary>
    Timeout = 202,

    /// <summary>The call was cancelled. Seen as <see cref="System.OperationCanceledException"/>.</summary>
    Cancelled = 203,

    /// <summary>The answer's body is over the cap.</summary>
    TooLarge = 204,

    /// <summary>The service answered with a redirect, which is never followed.</summary>
    UnexpectedRedirect = 205,

    /// <summary>The service answered 400 or 422.</summary>
    BadRequest = 300,

    /// <summary>The service answered 401 to every credential.</summary>
    Unauthorized = 301,

    /// <summary>The service answered 403.</summary>
    Forbidden = 303,

    /// <summary>The service answered 404.</summary>
    NotFound = 304,

    /// <summary>The service answered 409.</summary>
    Conflict = 309,

    /// <summary>The service answered 429.</summary>
    RateLimited = 329,

    /// <summary>The service answered 5xx.</summary>
    Server = 350,

    /// <summary>The service answered with a status that has no code of its own.</summary>
    UnexpectedStatus = 399,

    /// <summary>A success that isn't what the service promises.</summary>
    InvalidResponse = 400,

    /// <summary>A bug in this library.</summary>
    Panic = 900,
}
