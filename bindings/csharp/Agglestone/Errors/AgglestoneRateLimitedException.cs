using System;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>429, also after the client's own attempts. <see cref="AgglestoneException.RetryAfter"/> says how long to wait.</summary>
public sealed class AgglestoneRateLimitedException : AgglestoneApiException
{
    /// <summary>One that no call threw, for tests. <see cref="AgglestoneModelFactory.Error"/> says more about it.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestoneRateLimitedException(string message, Exception? innerException = null)
        : base(new ErrorDetails { Code = AgglestoneErrorCode.RateLimited, Message = message, HttpStatus = 429 }, innerException)
    {
    }

    internal AgglestoneRateLimitedException(ErrorDetails details)
        : base(details)
    {
    }
}
