using System;
using System.Collections.Generic;

namespace Agglestone.Errors;

/// <summary>What is known of a failure, before it becomes an exception.</summary>
internal sealed record ErrorDetails
{
    internal required AgglestoneErrorCode Code { get; init; }

    internal required string Message { get; init; }

    internal int? HttpStatus { get; init; }

    internal string? RequestId { get; init; }

    internal TimeSpan? RetryAfter { get; init; }

    internal bool IsRetryable { get; init; }

    internal string? ServiceMessage { get; init; }

    internal string? Argument { get; init; }

    internal string? Reason { get; init; }

    internal int Attempts { get; init; }

    internal IReadOnlyList<AgglestoneConfigurationProblem> Problems { get; init; } = [];
}
