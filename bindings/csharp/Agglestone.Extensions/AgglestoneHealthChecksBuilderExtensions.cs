using System;
using System.Collections.Generic;

using Agglestone;
using Agglestone.Extensions;

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the health of an Agglestone client.</summary>
public static class AgglestoneHealthChecksBuilderExtensions
{
    /// <summary>
    /// Asks the service about each key. One refused beside one accepted is Degraded; no accepted key, or no answer, is the failure
    /// status, and the entry's data say which in <c>reason</c>: <c>keys</c> or <c>service</c>.
    /// </summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="serviceKey">Which of several clients; null for the one without a key.</param>
    /// <param name="failureStatus">What it is when it fails; null for Unhealthy.</param>
    /// <param name="tags">Tags to choose checks by.</param>
    /// <param name="timeout">How long it may take; null for as long as a call may.</param>
    public static IHealthChecksBuilder AddAgglestone(
        this IHealthChecksBuilder builder,
        string name = "agglestone",
        string? serviceKey = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name,
            provider => new AgglestoneHealthCheck(
                serviceKey is null ? provider.GetRequiredService<AgglestoneClient>() : provider.GetRequiredKeyedService<AgglestoneClient>(serviceKey)),
            failureStatus,
            tags,
            timeout));
    }
}
