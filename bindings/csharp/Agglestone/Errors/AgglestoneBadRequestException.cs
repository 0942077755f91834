using System;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>400 or 422: the service can't make sense of the request.</summary>
public sealed class AgglestoneBadRequestException : AgglestoneApiException
{
    /// <summary>One that no call threw, for tests. <see cref="AgglestoneModelFactory.Error"/> says more about it.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public AgglestoneBadRequestException(string message, Exception? innerException = null)
        : base(new ErrorDetails { Code = AgglestoneErrorCode.BadRequest, Message = message, HttpStatus = 400 }, innerException)
    {
    }

    internal AgglestoneBadRequestException(ErrorDetails details)
        : base(details)
    {
    }
}
