using System;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>A token that was verified is not to be believed. A web service answers 401.</summary>
public sealed class AgglestoneInvalidTokenException : AgglestoneException
{
    /// <summary>One that no call threw, for tests.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="reason">Why the token is not to be believed, such as <c>expired</c>.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestoneInvalidTokenException(string message, string reason, Exception? innerException = null)
        : base(new ErrorDetails { Code = AgglestoneErrorCode.InvalidToken, Message = message }, innerException) => Reason = reason;

    internal AgglestoneInvalidTokenException(ErrorDetails details)
        : base(details) => Reason = details.Reason ?? "";

    /// <summary>
    /// Why: <c>malformed</c>, <c>expired</c>, <c>not_yet_valid</c>, <c>wrong_issuer</c>, <c>wrong_tenant</c>,
    /// <c>wrong_audience</c>, <c>bad_signature</c>, <c>unknown_key</c>, <c>algorithm</c> or <c>revoked</c>. The names are stable.
    /// </summary>
    public string Reason { get; }
}
