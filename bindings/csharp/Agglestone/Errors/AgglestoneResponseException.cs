using System;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>
/// A 2xx response with an unexpected body, such as a page of HTML.
/// </summary>
public sealed class AgglestoneResponseException : AgglestoneException
{
    /// <summary>One that no call threw, for tests. <see cref="AgglestoneModelFactory.Error"/> says more about it.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestoneResponseException(string message, Exception? innerException = null)
        : this(new ErrorDetails { Code = AgglestoneErrorCode.InvalidResponse, Message = message }, innerException)
    {
    }

    internal AgglestoneResponseException(ErrorDetails details, Exception? inner = null)
        : base(details, inner)
    {
    }
}
