using System;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>There are no signing keys to verify a token with. A web service answers 503.</summary>
public sealed class AgglestoneKeysUnavailableException : AgglestoneException
{
    /// <summary>One that no call threw, for tests.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestoneKeysUnavailableException(string message, Exception? innerException = null)
        : base(
            new ErrorDetails { Code = AgglestoneErrorCode.KeysUnavailable, Message = message, IsRetryable = true },
            innerException)
    {
    }

    internal AgglestoneKeysUnavailableException(ErrorDetails details)
        : base(details)
    {
    }
}
