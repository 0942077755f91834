using System;
using System.Collections.Generic;

using Agglestone.Errors;

namespace Agglestone;

/// <summary>
/// The base of everything that goes wrong in a call, except what .NET has its own exceptions for: a disposed client is
/// <see cref="ObjectDisposedException"/>, a cancelled call <see cref="OperationCanceledException"/>, and null where a value is
/// needed <see cref="ArgumentNullException"/>. Never holds a key or a token, also when the service echoed one.
/// </summary>
public class AgglestoneException : Exception
{
    internal AgglestoneException(ErrorDetails details, Exception? inner = null)
        : base(details.Message, inner)
    {
        Code = details.Code;
        HttpStatus = details.HttpStatus;
        RequestId = details.RequestId;
        RetryAfter = details.RetryAfter;
        IsRetryable = details.IsRetryable;
        ServiceMessage = details.ServiceMessage;
        Attempts = details.Attempts;
    }

    /// <summary>The class of the error. A newer native library may use a number that has no name here.</summary>
    public AgglestoneErrorCode Code { get; }

    /// <summary>The HTTP status of the service's answer; null when there was none.</summary>
    public int? HttpStatus { get; }

    /// <summary>The service's name for the request, to quote to the vendor; null when it gave none.</summary>
    public string? RequestId { get; }

    /// <summary>How long the service asked to wait before the next attempt; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Whether the same call may well succeed later, with nothing changed.</summary>
    public bool IsRetryable { get; }

    /// <summary>The service's own words; null when it sent none.</summary>
    public string? ServiceMessage { get; }

    /// <summary>How many requests were sent before the call gave up.</summary>
    public int Attempts { get; }
}

/// <summary>An argument that can't be sent as meant. Nothing was sent.</summary>
public sealed class AgglestoneArgumentException : AgglestoneException
{
    internal AgglestoneArgumentException(ErrorDetails details)
        : base(details) => ParamName = details.Argument;

    /// <summary>The name of the refused argument, such as <c>userId</c>.</summary>
    public string? ParamName { get; }
}

/// <summary>The configuration is unusable; the message lists every problem. Also when the native library can't be used.</summary>
public sealed class AgglestoneConfigurationException : AgglestoneException
{
    internal AgglestoneConfigurationException(ErrorDetails details, Exception? inner = null)
        : base(details, inner) => Problems = details.Problems;

    /// <summary>Every problem; empty when the native library can't be used.</summary>
    public IReadOnlyList<AgglestoneConfigurationProblem> Problems { get; }
}

/// <summary>
/// No usable answer arrived: connection, TLS, time, size or a redirect; <see cref="AgglestoneException.Code"/> says which.
/// After a timeout the inner exception is a <see cref="TimeoutException"/>.
/// </summary>
public sealed class AgglestoneTransportException : AgglestoneException
{
    internal AgglestoneTransportException(ErrorDetails details, Exception? inner = null)
        : base(details, inner)
    {
    }
}

/// <summary>A success that isn't what the service promises, such as a page of HTML.</summary>
public sealed class AgglestoneResponseException : AgglestoneException
{
    internal AgglestoneResponseException(ErrorDetails details, Exception? inner = null)
        : base(details, inner)
    {
    }
}

/// <summary>A bug in this library: please report it.</summary>
public sealed class AgglestoneInternalException : AgglestoneException
{
    internal AgglestoneInternalException(ErrorDetails details)
        : base(details)
    {
    }
}
