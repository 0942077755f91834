using System;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>
/// A bug in this library: please report it.
/// </summary>
public sealed class AgglestoneInternalException : AgglestoneException
{
    /// <summary>One that no call threw, for tests. <see cref="AgglestoneModelFactory.Error"/> says more about it.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestoneInternalException(string message, Exception? innerException = null)
        : this(new ErrorDetails { Code = AgglestoneErrorCode.Panic, Message = message }, innerException)
    {
    }

    internal AgglestoneInternalException(ErrorDetails details, Exception? inner = null)
        : base(details, inner)
    {
    }
}
