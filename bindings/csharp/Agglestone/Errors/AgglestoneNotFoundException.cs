using System;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>404: no such user, or no such address.</summary>
public sealed class AgglestoneNotFoundException : AgglestoneApiException
{
    /// <summary>One that no call threw, for tests. <see cref="AgglestoneModelFactory.Error"/> says more about it.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestoneNotFoundException(string message, Exception? innerException = null)
        : base(new ErrorDetails { Code = AgglestoneErrorCode.NotFound, Message = message, HttpStatus = 404 }, innerException)
    {
    }

    internal AgglestoneNotFoundException(ErrorDetails details)
        : base(details)
    {
    }
}
