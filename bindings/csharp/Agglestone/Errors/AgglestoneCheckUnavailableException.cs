using System;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>The service can't be asked whether the user of a verified token may still. A web service answers 503.</summary>
public sealed class AgglestoneCheckUnavailableException : AgglestoneException
{
    /// <summary>One that no call threw, for tests.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestoneCheckUnavailableException(string message, Exception? innerException = null)
        : base(
            new ErrorDetails { Code = AgglestoneErrorCode.CheckUnavailable, Message = message, IsRetryable = true },
            innerException)
    {
    }

    internal AgglestoneCheckUnavailableException(ErrorDetails details)
        : base(details)
    {
    }
}
