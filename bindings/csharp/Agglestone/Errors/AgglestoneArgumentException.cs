using System;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>Invalid argument. Nothing was sent.</summary>
public sealed class AgglestoneArgumentException : ArgumentException, IAgglestoneError
{
    /// <summary>One that no call threw, for tests.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="paramName">The name of the argument.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestoneArgumentException(string message, string? paramName = null, Exception? innerException = null)
        : base(message, paramName, innerException) => Message = message;

    internal AgglestoneArgumentException(ErrorDetails details)
        : this(details.Message, details.Argument)
    {
    }

    /// <summary>What is wrong; names the argument.</summary>
    public override string Message { get; }

    /// <inheritdoc/>
    public AgglestoneErrorCode Code => AgglestoneErrorCode.InvalidArgument;

    int? IAgglestoneError.HttpStatus => null;

    string? IAgglestoneError.RequestId => null;

    TimeSpan? IAgglestoneError.RetryAfter => null;

    bool IAgglestoneError.IsRetryable => false;

    string? IAgglestoneError.ServiceMessage => null;

    int IAgglestoneError.Attempts => 0;
}
