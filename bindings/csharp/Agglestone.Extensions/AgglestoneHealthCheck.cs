using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Agglestone.Extensions;

/// <summary>
/// Asks the service about each key. One key refused beside one accepted is Degraded; no accepted key, or no answer, is the
/// registration's failure status, and the data's <c>reason</c>, <c>keys</c> or <c>service</c>, tells them apart.
/// </summary>
internal sealed class AgglestoneHealthCheck(AgglestoneClient client) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var check = await client.CheckApiKeysAsync(cancellationToken).ConfigureAwait(false);
            return Judge(check, context.Registration.FailureStatus);
        }
        catch (Exception problem) when (problem is IAgglestoneError)
        {
            var code = ((IAgglestoneError)problem).Code;
            var reason = code == AgglestoneErrorCode.Unauthorized ? "keys" : "service";
            return new(context.Registration.FailureStatus, problem.Message, problem, Data(reason));
        }
    }

    private static HealthCheckResult Judge(ApiKeyCheck check, HealthStatus failure)
    {
        var refused = new List<string>();
        var unanswered = new List<string>();
        var accepted = 0;
        foreach (var (slot, name) in new[] { (check.Primary, "primary"), (check.Secondary, "secondary") })
        {
            switch (slot)
            {
                case null:
                    break;
                case { Accepted: true }:
                    accepted++;
                    break;
                case { Status: 401 or 403 }:
                    refused.Add($"the {name} key {slot.Fingerprint} is refused ({slot.Status})");
                    break;
                default:
                    unanswered.Add($"the service returned {slot.Status} for the {name} key {slot.Fingerprint}");
                    break;
            }
        }

        if (refused.Count + unanswered.Count == 0)
        {
            return HealthCheckResult.Healthy();
        }

        var reason = refused.Count > 0 ? "keys" : "service";
        return new(accepted > 0 ? HealthStatus.Degraded : failure, string.Join("; ", refused.Concat(unanswered)), data: Data(reason));
    }

    private static Dictionary<string, object> Data(string reason) => new() { ["reason"] = reason };
}
