using System;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>The service refused the call. Statuses that are worth telling apart have exceptions of their own.</summary>
public class AgglestoneApiException : AgglestoneException
{
    /// <summary>One that no call threw, for tests. <see cref="AgglestoneModelFactory.Error"/> says more about it.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestoneApiException(string message, Exception? innerException = null)
        : this(new ErrorDetails { Code = AgglestoneErrorCode.UnexpectedStatus, Message = message }, innerException)
    {
    }

    internal AgglestoneApiException(ErrorDetails details, Exception? inner = null)
        : base(details, inner)
    {
    }
}
