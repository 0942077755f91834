using System;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>
/// The base of everything that goes wrong in a call, except what .NET has its own exceptions for: an argument that can't be sent
/// is an <see cref="AgglestoneArgumentException"/>, an <see cref="ArgumentException"/>; a disposed client is
/// <see cref="ObjectDisposedException"/>, a cancelled call <see cref="OperationCanceledException"/>, and null where a value is
/// needed <see cref="ArgumentNullException"/>. Never holds a key or a token, also when the service echoed one.
/// </summary>
public class AgglestoneException : Exception, IAgglestoneError
{
    /// <summary>One that no call threw, for tests. <see cref="AgglestoneModelFactory.Error"/> says more about it.</summary>
    /// <param name="code">The class of the error.</param>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestoneException(AgglestoneErrorCode code, string message, Exception? innerException = null)
        : this(new ErrorDetails { Code = code, Message = message }, innerException)
    {
    }

    internal AgglestoneException(ErrorDetails details, Exception? inner = null)
        : base(details.Message, inner)
    {
        Code = details.Code;
        HttpStatus = details.HttpStatus;
        RequestId = details.RequestId;
        RetryAfter = details.RetryAfter;
        IsRetryable = details.IsRetryable;
        ServiceMessage = details.ServiceMessage;
        Attempts = details.Attempts;
    }

    /// <inheritdoc/>
    public AgglestoneErrorCode Code { get; }

    /// <inheritdoc/>
    public int? HttpStatus { get; }

    /// <inheritdoc/>
    public string? RequestId { get; }

    /// <inheritdoc/>
    public TimeSpan? RetryAfter { get; }

    /// <inheritdoc/>
    public bool IsRetryable { get; }

    /// <inheritdoc/>
    public string? ServiceMessage { get; }

    /// <inheritdoc/>
    public int Attempts { get; }
}
