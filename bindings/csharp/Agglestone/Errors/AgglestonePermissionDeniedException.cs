using System;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>403: the credential is good, the call is not allowed.</summary>
public sealed class AgglestonePermissionDeniedException : AgglestoneApiException
{
    /// <summary>One that no call threw, for tests. <see cref="AgglestoneModelFactory.Error"/> says more about it.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestonePermissionDeniedException(string message, Exception? innerException = null)
        : base(new ErrorDetails { Code = AgglestoneErrorCode.Forbidden, Message = message, HttpStatus = 403 }, innerException)
    {
    }

    internal AgglestonePermissionDeniedException(ErrorDetails details)
        : base(details)
    {
    }
}
