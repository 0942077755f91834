using System;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>409: it would contradict what is there already.</summary>
public sealed class AgglestoneConflictException : AgglestoneApiException
{
    /// <summary>One that no call threw, for tests. <see cref="AgglestoneModelFactory.Error"/> says more about it.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestoneConflictException(string message, Exception? innerException = null)
        : base(new ErrorDetails { Code = AgglestoneErrorCode.Conflict, Message = message, HttpStatus = 409 }, innerException)
    {
    }

    internal AgglestoneConflictException(ErrorDetails details)
        : base(details)
    {
    }
}
