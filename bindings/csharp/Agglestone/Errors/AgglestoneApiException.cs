using Agglestone.Errors;

namespace Agglestone;

/// <summary>The service refused the call. Statuses that are worth telling apart have exceptions of their own.</summary>
public class AgglestoneApiException : AgglestoneException
{
    internal AgglestoneApiException(ErrorDetails details)
        : base(details)
    {
    }
}

/// <summary>400 or 422: the service can't make sense of the request.</summary>
public sealed class AgglestoneBadRequestException : AgglestoneApiException
{
    internal AgglestoneBadRequestException(ErrorDetails details)
        : base(details)
    {
    }
}

/// <summary>401 to every credential there is. The message names the keys by fingerprint.</summary>
public sealed class AgglestoneAuthenticationException : AgglestoneApiException
{
    internal AgglestoneAuthenticationException(ErrorDetails details)
        : base(details)
    {
    }
}

/// <summary>403: the credential is good, the call is not allowed.</summary>
public sealed class AgglestonePermissionDeniedException : AgglestoneApiException
{
    internal AgglestonePermissionDeniedException(ErrorDetails details)
        : base(details)
    {
    }
}

/// <summary>404: no such user, or no such address.</summary>
public sealed class AgglestoneNotFoundException : AgglestoneApiException
{
    internal AgglestoneNotFoundException(ErrorDetails details)
        : base(details)
    {
    }
}

/// <summary>409: it would contradict what is there already.</summary>
public sealed class AgglestoneConflictException : AgglestoneApiException
{
    internal AgglestoneConflictException(ErrorDetails details)
        : base(details)
    {
    }
}

/// <summary>429, also after the client's own attempts. <see cref="AgglestoneException.RetryAfter"/> says how long to wait.</summary>
public sealed class AgglestoneRateLimitedException : AgglestoneApiException
{
    internal AgglestoneRateLimitedException(ErrorDetails details)
        : base(details)
    {
    }
}

/// <summary>5xx, also after the client's own attempts.</summary>
public sealed class AgglestoneServerException : AgglestoneApiException
{
    internal AgglestoneServerException(ErrorDetails details)
        : base(details)
    {
    }
}
