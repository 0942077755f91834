using System;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>
/// No usable answer arrived: connection, TLS, time, size or a redirect; <see cref="AgglestoneException.Code"/> says which.
/// After a timeout the inner exception is a <see cref="TimeoutException"/>.
/// </summary>
public sealed class AgglestoneTransportException : AgglestoneException
{
    /// <summary>One that no call threw, for tests. <see cref="AgglestoneModelFactory.Error"/> says more about it.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestoneTransportException(string message, Exception? innerException = null)
        : this(new ErrorDetails { Code = AgglestoneErrorCode.Connect, Message = message }, innerException)
    {
    }

    internal AgglestoneTransportException(ErrorDetails details, Exception? inner = null)
        : base(details, inner)
    {
    }
}
