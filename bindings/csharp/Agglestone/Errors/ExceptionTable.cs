using System;
using System.Threading;

namespace Agglestone.Errors;

/// <summary>Which exception each code becomes.</summary>
internal static class ExceptionTable
{
    /// <summary>The exception for a failure that the library reported.</summary>
    internal static Exception Create(ErrorDetails details, CancellationToken token) => details.Code switch
    {
        AgglestoneErrorCode.InvalidArgument => new AgglestoneArgumentException(details),
        AgglestoneErrorCode.InvalidConfig => new AgglestoneConfigurationException(details),
        AgglestoneErrorCode.Closed => new ObjectDisposedException(nameof(AgglestoneClient)),
        AgglestoneErrorCode.Timeout => new AgglestoneTransportException(details, new TimeoutException(details.Message)),
        AgglestoneErrorCode.Cancelled => new OperationCanceledException(details.Message, token),
        AgglestoneErrorCode.BadRequest => new AgglestoneBadRequestException(details),
        AgglestoneErrorCode.Unauthorized => new AgglestoneAuthenticationException(details),
        AgglestoneErrorCode.Forbidden => new AgglestonePermissionDeniedException(details),
        AgglestoneErrorCode.NotFound => new AgglestoneNotFoundException(details),
        AgglestoneErrorCode.Conflict => new AgglestoneConflictException(details),
        AgglestoneErrorCode.InvalidToken => new AgglestoneInvalidTokenException(details),
        AgglestoneErrorCode.KeysUnavailable => new AgglestoneKeysUnavailableException(details),
        AgglestoneErrorCode.CheckUnavailable => new AgglestoneCheckUnavailableException(details),
        AgglestoneErrorCode.RateLimited => new AgglestoneRateLimitedException(details),
        AgglestoneErrorCode.Server => new AgglestoneServerException(details),
        AgglestoneErrorCode.InvalidResponse => new AgglestoneResponseException(details),
        AgglestoneErrorCode.Panic => new AgglestoneInternalException(details),

        // The rest of a range, also numbers that a newer library may add to it.
        >= (AgglestoneErrorCode)200 and < (AgglestoneErrorCode)300 => new AgglestoneTransportException(details),
        >= (AgglestoneErrorCode)300 and < (AgglestoneErrorCode)400 => new AgglestoneApiException(details),
        _ => new AgglestoneException(details),
    };

    /// <summary>An argument that this face refuses itself.</summary>
    /// <param name="argument">Its name.</param>
    /// <param name="what">Continues the sentence after the name.</param>
    internal static Exception Argument(string argument, string what) => Create(
        new ErrorDetails { Code = AgglestoneErrorCode.InvalidArgument, Message = $"`{argument}` {what}", Argument = argument },
        CancellationToken.None);
}
