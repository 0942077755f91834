using System;

namespace Agglestone;

/// <summary>
/// What all errors of this client share, whichever exception of .NET they derive from:
/// <c>catch (Exception problem) when (problem is IAgglestoneError { IsRetryable: true })</c>.
/// </summary>
public interface IAgglestoneError
{
    /// <summary>What happened, to which call, and what to do next. Never holds a key or a token.</summary>
    string Message { get; }

    /// <summary>The class of the error. A newer native library may use a number that has no name here.</summary>
    AgglestoneErrorCode Code { get; }

    /// <summary>The HTTP status of the service's answer; null when there was none.</summary>
    int? HttpStatus { get; }

    /// <summary>The service's name for the request, to quote to the vendor; null when it gave none.</summary>
    string? RequestId { get; }

    /// <summary>How long the service asked to wait before the next attempt; null when it did not say.</summary>
    TimeSpan? RetryAfter { get; }

    /// <summary>Whether the same call may well succeed later, with nothing changed.</summary>
    bool IsRetryable { get; }

    /// <summary>The service's own words; null when it sent none.</summary>
    string? ServiceMessage { get; }

    /// <summary>How many requests were sent before the call gave up.</summary>
    int Attempts { get; }
}
