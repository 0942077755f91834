using System;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>5xx, also after the client's own attempts.</summary>
public sealed class AgglestoneServerException : AgglestoneApiException
{
    /// <summary>One that no call threw, for tests. <see cref="AgglestoneModelFactory.Error"/> says more about it.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestoneServerException(string message, Exception? innerException = null)
        : base(new ErrorDetails { Code = AgglestoneErrorCode.Server, Message = message, HttpStatus = 500 }, innerException)
    {
    }

    internal AgglestoneServerException(ErrorDetails details)
        : base(details)
    {
    }
}
