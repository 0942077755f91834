using System;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>401 to every credential there is. The message names the keys by fingerprint.</summary>
public sealed class AgglestoneAuthenticationException : AgglestoneApiException
{
    /// <summary>One that no call threw, for tests. <see cref="AgglestoneModelFactory.Error"/> says more about it.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestoneAuthenticationException(string message, Exception? innerException = null)
        : base(new ErrorDetails { Code = AgglestoneErrorCode.Unauthorized, Message = message, HttpStatus = 401 }, innerException)
    {
    }

    internal AgglestoneAuthenticationException(ErrorDetails details)
        : base(details)
    {
    }
}
